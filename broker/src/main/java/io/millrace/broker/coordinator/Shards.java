package io.millrace.broker.coordinator;

import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.Scatter;
import io.millrace.broker.shard.Machine;
import io.millrace.broker.shard.Step;
import io.millrace.broker.shard.Unavailable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The shards of one coordinator: one a partition of its internal topic, each found by the hash of a
 * key and run on its partition's loop. Thread-safe: each {@link ShardRunner} is touched on its loop
 * only.
 *
 * @param <S> the machine
 * @param <Q> its requests
 * @param <R> its replies
 * @param <E> its effects
 */
public final class Shards<S extends Machine<Consumer<R>, Q, R, E>, Q, R, E> {
    private final PartitionDirectory directory;
    private final ShardKind<S, Q, R, E> kind;
    private final String topic;
    private final Map<Partition, ShardRunner<S, Q, R, E>> runners = new ConcurrentHashMap<>();

    /**
     * @param topic the internal topic; need not exist yet
     */
    public Shards(PartitionDirectory directory, ShardKind<S, Q, R, E> kind, String topic) {
        this.directory = directory;
        this.kind = kind;
        this.topic = topic;
    }

    /** Which partition keeps a key, of so many; as Kafka's clients and tools compute it. */
    public static int shardOf(String key, int partitions) {
        return (key.hashCode() & Integer.MAX_VALUE) % partitions;
    }

    /** The runner of a key's shard; null if the internal topic is not there. */
    public @Nullable ShardRunner<S, Q, R, E> runner(String key) {
        HostedTopic hosted = directory.topic(topic);
        return hosted == null
                ? null
                : runner(hosted.partitions().get(shardOf(key, hosted.partitions().size())));
    }

    private ShardRunner<S, Q, R, E> runner(Partition partition) {
        return runners.computeIfAbsent(partition, key -> new ShardRunner<>(key, kind));
    }

    /** Handles a request; the reply comes on the loop of the key's shard. */
    public void handle(String key, Q request, Consumer<R> reply) {
        ShardRunner<S, Q, R, E> runner = runner(key);
        if (runner == null) {
            reply.accept(kind.refusal(request, Unavailable.NOT_COORDINATOR));
        } else {
            runner.loop().run(() -> runner.handle(request, reply));
        }
    }

    /** Whether there is a shard of that index, whoever leads it. */
    boolean has(int index) {
        HostedTopic hosted = directory.topic(topic);
        return hosted != null && hosted.partition(index) != null;
    }

    /**
     * Handles a request in the shard of an index; the reply comes on that shard's loop. Refused at
     * once where too few replicas are in sync for anything to be committed.
     */
    void handleAt(int index, Q request, Consumer<R> reply) {
        HostedTopic hosted = directory.topic(topic);
        Partition partition = hosted == null ? null : hosted.partition(index);
        if (partition == null) {
            reply.accept(kind.refusal(request, Unavailable.NOT_COORDINATOR));
        } else {
            ShardRunner<S, Q, R, E> runner = runner(partition);
            runner.loop()
                    .run(() -> {
                        if (partition.isUnderMinimum()) {
                            reply.accept(
                                    kind.refusal(request, Unavailable.COORDINATOR_NOT_AVAILABLE));
                        } else {
                            runner.handle(request, reply);
                        }
                    });
        }
    }

    /** Whether shards are kept in a topic. */
    boolean keeps(String name) {
        return topic.equals(name);
    }

    /** The index of a key's shard; -1 if the internal topic is not there. */
    int indexOf(String key) {
        HostedTopic hosted = directory.topic(topic);
        return hosted == null ? -1 : shardOf(key, hosted.partitions().size());
    }

    /**
     * Asks a key's shard something. Answered, on the shard's loop, once all that it saw is
     * committed: a crash takes back nothing that was told.
     */
    public void ask(String key, Question<S> question) {
        ShardRunner<S, Q, R, E> runner = runner(key);
        if (runner == null) {
            question.read(null, Unavailable.NOT_COORDINATOR).run();
        } else {
            runner.loop().run(() -> runner.ask(question));
        }
    }

    /**
     * Shows a key's shard as it is now, committed or not; on the shard's loop.
     *
     * @param look called with the shard, or null if there is none to read
     */
    public void look(String key, Consumer<@Nullable S> look) {
        ShardRunner<S, Q, R, E> runner = runner(key);
        if (runner == null) {
            look.accept(null);
        } else {
            runner.loop().run(() -> look.accept(runner.open()));
        }
    }

    /** Takes a step in a key's shard that no client asked for, if it is open; from any thread. */
    public void apply(String key, BiFunction<S, Long, ? extends Step<Consumer<R>, R, E>> step) {
        ShardRunner<S, Q, R, E> runner = runner(key);
        if (runner != null) {
            runner.loop().run(() -> runner.apply(step));
        }
    }

    /**
     * Reads something from every shard as it is now, opening those that are not; {@code then} runs
     * on one of the loops. It is told why a shard could not be read, or null; the list lacks what
     * that shard would have said.
     */
    public <V> void gather(
            Function<S, List<V>> read, BiConsumer<List<V>, @Nullable Unavailable> then) {
        HostedTopic hosted = directory.topic(topic);
        var slots = new ArrayList<List<V>>();
        var failed = new AtomicReference<@Nullable Unavailable>();
        var scatter = new Scatter();
        if (hosted != null) {
            for (Partition partition : hosted.partitions()) {
                var slot = new ArrayList<V>();
                slots.add(slot);
                scatter.add(
                        partition.loop(),
                        () -> {
                            ShardRunner<S, Q, R, E> runner = runner(partition);
                            S shard = runner.open();
                            if (shard == null && !partition.isLed()) {
                                return;
                            }
                            if (shard == null) {
                                failed.set(runner.unavailable());
                            } else {
                                slot.addAll(read.apply(shard));
                            }
                        });
            }
        }
        scatter.start(
                () -> then.accept(slots.stream().flatMap(List::stream).toList(), failed.get()));
    }

    /** Opens every shard, so that waits found in the logs are watched from the start. */
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
        for (ShardRunner<S, Q, R, E> runner : runners.values()) {
            runner.loop().run(runner::tick);
        }
    }

    /** Takes a step in every shard that is open or being read; from any thread. */
    public void applyToAll(BiFunction<S, Long, ? extends Step<Consumer<R>, R, E>> step) {
        for (ShardRunner<S, Q, R, E> runner : runners.values()) {
            runner.loop().run(() -> runner.apply(step));
        }
    }
}
