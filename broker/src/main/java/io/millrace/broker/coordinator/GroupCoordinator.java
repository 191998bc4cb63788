package io.millrace.broker.coordinator;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupEffect;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupListing;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.shard.GroupShard;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.TransactionEnding;
import io.millrace.storage.producer.TransactionEnd;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds the shard of a group and sends requests to it. Thread-safe. */
public final class GroupCoordinator {
    private final Shards<GroupShard<Consumer<GroupReply>>, GroupRequest, GroupReply, GroupEffect>
            shards;

    private final Supplier<? extends ClusterView> cluster;

    /**
     * @param cluster tells how the cluster is now; from any thread
     * @param effects does what groups ask for; on any shard's loop, must not block
     * @param topic the topic that keeps groups, {@code __consumer_offsets}
     */
    public GroupCoordinator(
            PartitionDirectory directory,
            GroupLimits limits,
            Supplier<? extends ClusterView> cluster,
            Consumer<GroupEffect> effects,
            String topic) {
        this.cluster = cluster;
        shards = new Shards<>(directory, new GroupKind(limits, cluster, effects), topic);
    }

    /** Handles a request; the reply comes on the loop of the group's shard. */
    public void handle(GroupRequest request, Consumer<GroupReply> reply) {
        shards.handle(request.group(), request, reply);
    }

    /**
     * Asks the shard of a group something that changes nothing. Answered, on the shard's loop, once
     * all that it saw is committed: a crash takes back nothing that was told.
     *
     * @param ask called on the shard's loop; an error other than NONE means that the shard is null
     */
    public void ask(String group, GroupQuestion ask) {
        shards.ask(
                group,
                (shard, why) ->
                        ask.read(shard, shard == null ? GroupKind.error(why) : GroupError.NONE));
    }

    /** Something that is asked of a shard of groups. */
    @FunctionalInterface
    public interface GroupQuestion {
        /**
         * Reads what it wants from the shard, or gives it up for the error. Called again, with an
         * error, if what it saw comes to be lost.
         *
         * @return tells whoever asked; runs once what was read is committed
         */
        Runnable read(@Nullable GroupShard<Consumer<GroupReply>> shard, GroupError error);
    }

    /**
     * The coordinator of a transaction has refused a producer that a group's shard had enlisted;
     * from any thread.
     */
    public void withdraw(String group, long producerId, long number) {
        shards.apply(group, (shard, nowMs) -> shard.withdraw(producerId, number));
    }

    /**
     * Every group of every shard as it is now; {@code then} runs on one of the loops. The error is
     * that of a shard that could not be read, of which the groups are missing.
     */
    public void list(BiConsumer<List<GroupListing>, GroupError> then) {
        shards.gather(
                shard -> List.copyOf(shard.list()),
                (groups, why) ->
                        then.accept(groups, why == null ? GroupError.NONE : GroupKind.error(why)));
    }

    /** Whether groups keep their offsets in a topic. */
    boolean keeps(String topic) {
        return shards.keeps(topic);
    }

    /** The partition that keeps a group's offsets; -1 if there is none yet. */
    public int shardOf(String group) {
        return shards.indexOf(group);
    }

    /**
     * Ends a transaction in one shard; the answer comes, on the shard's loop, once committed. Only
     * a shard that is not there has nothing to end: where another broker comes to lead it, that one
     * has to be told.
     */
    void end(int shard, TransactionEnd end, Consumer<TransactionEnding> then) {
        if (!shards.has(shard)) {
            then.accept(TransactionEnding.GONE);
            return;
        }
        shards.handleAt(
                shard,
                new GroupRequest.EndTransaction(end),
                reply ->
                        then.accept(
                                switch (reply.error()) {
                                    case NONE -> TransactionEnding.ENDED;
                                    case INVALID_PRODUCER_EPOCH -> TransactionEnding.STALE_EPOCH;
                                    case TRANSACTION_COORDINATOR_FENCED ->
                                            TransactionEnding.STALE_COORDINATOR;
                                    default -> TransactionEnding.UNAVAILABLE;
                                }));
    }

    /** Opens every shard, so that members found in the logs are watched from the start. */
    public void loadAll() {
        shards.loadAll();
    }

    /** Does what time asks for in every shard that is open; from any thread. */
    public void tick() {
        ClusterView now = cluster.get();
        shards.applyToAll((shard, nowMs) -> {
            shard.refresh(now);
            return shard.tick(nowMs);
        });
    }

    /**
     * Tells every shard that is open of a change; from any thread.
     *
     * @param before the version that the change is from
     * @param topics names of topics that came, went or grew
     */
    public void clusterChanged(ClusterView after, long before, Collection<String> topics) {
        shards.applyToAll((shard, nowMs) -> shard.follow(after, before, topics));
    }

    /** Forgets offsets that have outlived their groups; from any thread. */
    public void expireOffsets() {
        shards.applyToAll(GroupShard::expireOffsets);
    }

    /** Forgets the offsets of a deleted topic; from any thread. */
    public void topicDeleted(String deleted) {
        shards.applyToAll((shard, nowMs) -> shard.topicDeleted(deleted, nowMs));
    }
}
