package io.millrace.broker.coordinator;

import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupShard;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.Scatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the shard of a group and sends requests to it. Thread-safe: each {@link ShardRunner} is
 * touched on its partition's loop only.
 */
public final class GroupCoordinator {
    private final PartitionDirectory directory;
    private final GroupLimits limits;
    private final String topic;
    private final Map<Partition, ShardRunner> runners = new ConcurrentHashMap<>();

    /**
     * @param topic the topic that keeps groups, {@code __consumer_offsets}
     */
    public GroupCoordinator(PartitionDirectory directory, GroupLimits limits, String topic) {
        this.directory = directory;
        this.limits = limits;
        this.topic = topic;
    }

    /** Which partition keeps a group, of so many; as Kafka's clients and tools compute it. */
    public static int shardOf(String group, int partitions) {
        return (group.hashCode() & Integer.MAX_VALUE) % partitions;
    }

    private @Nullable ShardRunner runner(String group) {
        HostedTopic hosted = directory.topic(topic);
        return hosted == null
                ? null
                : runner(hosted.partitions().get(shardOf(group, hosted.partitions().size())));
    }

    private ShardRunner runner(Partition partition) {
        return runners.computeIfAbsent(partition, key -> new ShardRunner(key, limits));
    }

    /** Handles a request; the reply comes on the loop of the group's shard. */
    public void handle(GroupRequest request, Consumer<GroupReply> reply) {
        ShardRunner runner = runner(request.group());
        if (runner == null) {
            reply.accept(GroupShard.refusal(request, GroupError.NOT_COORDINATOR));
        } else {
            runner.loop().run(() -> runner.handle(request, reply));
        }
    }

    /**
     * Asks the shard of a group something that changes nothing. Answered, on the shard's loop, once
     * all that it saw is committed: a crash takes back nothing that was told.
     *
     * @param ask called on the shard's loop; an error other than NONE means that the shard is null
     */
    public void ask(String group, Question ask) {
        ShardRunner runner = runner(group);
        if (runner == null) {
            ask.read(null, GroupError.NOT_COORDINATOR).run();
        } else {
            runner.loop().run(() -> runner.ask(ask));
        }
    }

    /** Something that is asked of a shard. */
    @FunctionalInterface
    public interface Question {
        /**
         * Reads what it wants from the shard, or gives it up for the error. Called again, with an
         * error, if what it saw comes to be lost.
         *
         * @return tells whoever asked; runs once what was read is committed
         */
        Runnable read(@Nullable GroupShard<Consumer<GroupReply>> shard, GroupError error);
    }

    /**
     * Every group of every shard as it is now; {@code then} runs on one of the loops. The error is
     * that of a shard that could not be read, of which the groups are missing.
     */
    public void list(BiConsumer<List<GroupDescription>, GroupError> then) {
        HostedTopic hosted = directory.topic(topic);
        var listed = new ArrayList<List<GroupDescription>>();
        var failed = new AtomicReference<>(GroupError.NONE);
        var scatter = new Scatter();
        if (hosted != null) {
            for (Partition partition : hosted.partitions()) {
                var slot = new ArrayList<GroupDescription>();
                listed.add(slot);
                scatter.add(
                        partition.loop(),
                        () -> {
                            var shard = runner(partition).open();
                            if (shard == null) {
                                failed.set(runner(partition).unavailable());
                            } else {
                                slot.addAll(shard.list());
                            }
                        });
            }
        }
        scatter.start(
                () -> then.accept(listed.stream().flatMap(List::stream).toList(), failed.get()));
    }

    /** Opens every shard, so that members found in the logs are watched from the start. */
    public void loadAll() {
        HostedTopic hosted = directory.topic(topic);
        if (hosted != null) {
            for (Partition partition : hosted.partitions()) {
                partition.loop().execute(() -> runner(partition).open());
            }
        }
    }

    /** Does what time asks for in every shard that is open; from any thread. */
    public void tick() {
        forEach(ShardRunner::tick);
    }

    /** Forgets offsets that have outlived their groups; from any thread. */
    public void expireOffsets() {
        forEach(ShardRunner::expireOffsets);
    }

    /** Forgets the offsets of a deleted topic; from any thread. */
    public void topicDeleted(String deleted) {
        forEach(runner -> runner.topicDeleted(deleted));
    }

    private void forEach(Consumer<ShardRunner> task) {
        for (ShardRunner runner : runners.values()) {
            runner.loop().run(() -> task.accept(runner));
        }
    }
}
