package io.millrace.broker.coordinator;

import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.queue.QueueEffect;
import io.millrace.broker.queue.QueueReply;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.QueueShard;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.QueueSettings;
import io.millrace.broker.queue.partition.SharePartition;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds the shard of a share partition and sends requests to it. Thread-safe. */
public final class QueueCoordinator {
    private final Shards<QueueShard<Consumer<QueueReply>>, QueueRequest, QueueReply, QueueEffect>
            shards;
    private final QueueWaits waits = new QueueWaits();
    private final Function<QueueKey, QueueSettings> settings;

    /**
     * @param topic the topic that keeps queues, {@code __share_group_state}
     * @param settings how a share partition behaves, now; from any thread
     * @param topics whether there is a topic, as far as is known now; from any thread
     * @param wakes told of each share partition that may have something new, for those who wait for
     *     it on other brokers; on any shard's loop, must not block
     */
    public QueueCoordinator(
            PartitionDirectory directory,
            String topic,
            Function<QueueKey, QueueSettings> settings,
            Predicate<UUID> topics,
            DeadLetters deadLetters,
            Consumer<QueueKey> wakes) {
        this.settings = settings;
        var memory = IndexBudget.ofHeap();
        var kind =
                new QueueKind(
                        () ->
                                new QueueShard<>(
                                        settings,
                                        topics,
                                        () -> ThreadLocalRandom.current().nextDouble(),
                                        memory),
                        waits,
                        deadLetters,
                        wakes);
        shards = new Shards<>(directory, kind, topic);
    }

    /** How a share partition behaves, now. */
    public QueueSettings settings(QueueKey key) {
        return settings.apply(key);
    }

    /** The partition that keeps a share partition; -1 if there is none yet. */
    public int shardOf(QueueKey key) {
        return shards.indexOf(key.shardKey());
    }

    /** Handles a request; the reply comes on the loop of the share partition's shard. */
    public void handle(QueueRequest request, Consumer<QueueReply> reply) {
        shards.handle(request.key().shardKey(), request, reply);
    }

    /** What a consumer might be given; see {@link Planned}. On the shard's loop. */
    public void plan(QueueKey key, int most, long nowMs, Consumer<Planned> then) {
        shards.look(
                key.shardKey(),
                shard -> {
                    if (shard == null) {
                        then.accept(new Planned(QueueError.COORDINATOR_NOT_AVAILABLE, null));
                        return;
                    }
                    Plan plan = shard.plan(key, most, nowMs);
                    then.accept(
                            new Planned(
                                    plan == null ? QueueError.NOT_INITIALIZED : QueueError.NONE,
                                    plan));
                });
    }

    /**
     * What a consumer might be given, or why nothing.
     *
     * @param plan null if there is an error
     */
    public record Planned(QueueError error, @Nullable Plan plan) {}

    /**
     * Reads a share partition, once all that is seen of it is committed. On the shard's loop.
     *
     * @param read given the share partition, null if nothing is known of it
     */
    public <V> void ask(
            QueueKey key,
            Function<@Nullable SharePartition, V> read,
            BiConsumer<QueueError, @Nullable V> then) {
        shards.ask(
                key.shardKey(),
                (shard, why) -> {
                    if (shard == null) {
                        return () -> then.accept(QueueKind.error(why), null);
                    }
                    V seen = read.apply(shard.partition(key));
                    return () -> then.accept(QueueError.NONE, seen);
                });
    }

    /**
     * Every share partition that a test holds for, with what is read of it; on one of the loops.
     */
    public <V> void gather(
            Predicate<QueueKey> wanted,
            Function<SharePartition, V> read,
            BiConsumer<List<Gathered<V>>, QueueError> then) {
        shards.gather(
                shard ->
                        shard.keys(wanted).stream().map(key -> gathered(shard, key, read)).toList(),
                (found, why) ->
                        then.accept(found, why == null ? QueueError.NONE : QueueKind.error(why)));
    }

    private static <V> Gathered<V> gathered(
            QueueShard<Consumer<QueueReply>> shard,
            QueueKey key,
            Function<SharePartition, V> read) {
        SharePartition partition = shard.partition(key);
        if (partition == null) {
            throw new IllegalStateException("listed and not there: " + key);
        }
        return new Gathered<>(key, read.apply(partition));
    }

    /** What was read of a share partition. */
    public record Gathered<V>(QueueKey key, V value) {}

    /** Runs a waiter whenever a share partition may have something new; from any thread. */
    public void watch(QueueKey key, Runnable waiter) {
        waits.add(key, waiter);
    }

    /** Forgets a waiter; nothing happens if it is not known. */
    public void unwatch(QueueKey key, Runnable waiter) {
        waits.remove(key, waiter);
    }

    /** A share partition that is kept elsewhere may have something new. From any thread. */
    public void wake(QueueKey key) {
        waits.wake(key);
    }

    /** A group's settings have changed: who waits for it looks again. From any thread. */
    public void settingsChanged(String group) {
        waits.wakeGroup(group);
    }

    /** Forgets the share partitions that a test holds for: of what is gone. From any thread. */
    public void forget(Predicate<QueueKey> gone) {
        shards.applyToAll((shard, nowMs) -> shard.forget(gone));
    }

    /** Opens every shard, so that locks found in the logs end in time. */
    public void loadAll() {
        shards.loadAll();
    }

    /** Does what time asks for in every shard that is open; from any thread. */
    public void tick() {
        shards.tick();
    }
}
