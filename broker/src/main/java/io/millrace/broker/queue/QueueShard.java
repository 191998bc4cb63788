package io.millrace.broker.queue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.queue.QueueRequest.Acknowledge;
import io.millrace.broker.queue.QueueRequest.Acquire;
import io.millrace.broker.queue.QueueRequest.Buried;
import io.millrace.broker.queue.QueueRequest.Delete;
import io.millrace.broker.queue.QueueRequest.Initialize;
import io.millrace.broker.queue.QueueRequest.ReleaseAll;
import io.millrace.broker.queue.QueueRequest.Reset;
import io.millrace.broker.queue.QueueRequest.TakeBack;
import io.millrace.broker.queue.model.DeadReason;
import io.millrace.broker.queue.model.IndexMemory;
import io.millrace.broker.queue.model.Jitter;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.QueueSettings;
import io.millrace.broker.queue.partition.Changes;
import io.millrace.broker.queue.partition.Held;
import io.millrace.broker.queue.partition.SharePartition;
import io.millrace.broker.queue.store.StoredPartition;
import io.millrace.broker.shard.Machine;
import io.millrace.broker.shard.Step;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All share partitions of one partition of {@code __share_group_state}. That a record is held is
 * stored before the consumer gets it: so no crash makes its delivery count wrong.
 *
 * @param <T> what a caller knows its requests by
 */
public final class QueueShard<T> implements Machine<T, QueueRequest, QueueReply, QueueEffect> {
    private static final int MOST_BURIED_AT_ONCE = 500;

    /**
     * After it a topic that is not known is gone: a broker that leads a shard anew may hear late of
     * topics whose queues its log tells of.
     */
    static final long GONE_AFTER_MS = 60_000;

    private final Function<QueueKey, QueueSettings> settings;
    private final Predicate<UUID> topics;
    private final Jitter jitter;
    private final IndexMemory memory;
    private final int deltasPerSnapshot;
    private final Map<QueueKey, StoredPartition> partitions = new HashMap<>();
    private final Map<QueueKey, Long> countedBytes = new HashMap<>();
    private final Map<QueueKey, Long> unknownSinceMs = new HashMap<>();

    /**
     * @param settings how a share partition behaves, now
     * @param topics whether there is a topic, as far as is known now
     * @param memory shared with other shards
     */
    public QueueShard(
            Function<QueueKey, QueueSettings> settings,
            Predicate<UUID> topics,
            Jitter jitter,
            IndexMemory memory) {
        this(settings, topics, jitter, memory, StoredPartition.DELTAS_PER_SNAPSHOT);
    }

    QueueShard(
            Function<QueueKey, QueueSettings> settings,
            Predicate<UUID> topics,
            Jitter jitter,
            IndexMemory memory,
            int deltasPerSnapshot) {
        this.settings = settings;
        this.topics = topics;
        this.jitter = jitter;
        this.memory = memory;
        this.deltasPerSnapshot = deltasPerSnapshot;
    }

    /** Tells the memory of what a share partition holds now. */
    private void count(QueueKey key) {
        StoredPartition stored = partitions.get(key);
        long bytes = stored == null ? 0 : stored.memoryBytes();
        Long before = bytes == 0 ? countedBytes.remove(key) : countedBytes.put(key, bytes);
        long more = bytes - (before == null ? 0 : before);
        if (more != 0) {
            memory.add(more);
        }
    }

    /** The shard is not used any more: gives back its memory. */
    public void drop() {
        partitions.clear();
        List.copyOf(countedBytes.keySet()).forEach(this::count);
    }

    private StoredPartition known(QueueKey key) {
        return partitions.computeIfAbsent(
                key, absent -> new StoredPartition(absent, deltasPerSnapshot));
    }

    @Override
    public Step<T, QueueReply, QueueEffect> handle(T request, QueueRequest asked, long nowMs) {
        var out = new Step<T, QueueReply, QueueEffect>();
        StoredPartition stored = partitions.get(asked.key());
        SharePartition partition = stored == null ? null : stored.partition();
        boolean wasFull = isMemoryFull(partition);
        if (asked instanceof Initialize || asked instanceof Reset) {
            begin(asked, partition, out);
            out.reply(request, new QueueReply.Plain(QueueError.NONE));
        } else if (asked instanceof Delete) {
            delete(asked.key(), out);
            out.reply(request, new QueueReply.Plain(QueueError.NONE));
        } else if (stored == null || partition == null) {
            out.reply(request, refusal(asked, QueueError.NOT_INITIALIZED));
        } else {
            var step = stepOf(asked.key(), nowMs);
            out.reply(request, handle(partition, asked, step));
            store(stored, step.changes(), out);
        }
        count(asked.key());
        wakeIfItMayGrow(asked.key(), wasFull, out);
        return out;
    }

    private boolean isMemoryFull(@Nullable SharePartition partition) {
        return partition != null && !memory.mayGrow(partition.memoryBytes());
    }

    /** Whoever found no memory to look ahead with has to hear that there is some again. */
    private void wakeIfItMayGrow(
            QueueKey key, boolean wasFull, Step<T, QueueReply, QueueEffect> out) {
        if (wasFull && !isMemoryFull(partition(key))) {
            out.effect(new QueueEffect.Wake(key));
        }
    }

    /** The reply that tells of an error, in the form that the request expects. */
    public static QueueReply refusal(QueueRequest asked, QueueError error) {
        return asked instanceof Acquire
                ? new QueueReply.Held(error, List.of())
                : new QueueReply.Plain(error);
    }

    private SharePartition.Step stepOf(QueueKey key, long nowMs) {
        return new SharePartition.Step(settings.apply(key), jitter, nowMs, new Changes());
    }

    private void begin(
            QueueRequest asked,
            @Nullable SharePartition present,
            Step<T, QueueReply, QueueEffect> out) {
        if (asked instanceof Initialize && present != null) {
            return;
        }
        long startOffset =
                switch (asked) {
                    case Initialize initialize -> initialize.startOffset();
                    case Reset reset -> reset.startOffset();
                    default -> throw new IllegalArgumentException("begins nothing: " + asked);
                };
        known(asked.key()).start(startOffset).forEach(out::store);
        out.effect(new QueueEffect.Wake(asked.key()));
    }

    private void delete(QueueKey key, Step<T, QueueReply, QueueEffect> out) {
        StoredPartition gone = partitions.remove(key);
        if (gone != null) {
            gone.delete().forEach(out::store);
            out.effect(new QueueEffect.Wake(key));
        }
    }

    private static QueueReply handle(
            SharePartition partition, QueueRequest asked, SharePartition.Step step) {
        QueueError error = QueueError.NONE;
        switch (asked) {
            case Acquire acquire -> {
                return new QueueReply.Held(error, partition.acquire(acquire.wish(), step));
            }
            case Acknowledge ack ->
                    error = partition.acknowledge(ack.member(), ack.batches(), step);
            case ReleaseAll release ->
                    partition.releaseAll(release.member(), release.unanswered(), step);
            case TakeBack back -> partition.takeBack(back.member(), back.unanswered(), step);
            case Buried buried -> partition.buried(buried.offsets(), step.changes());
            case Initialize _, Reset _, Delete _ ->
                    throw new IllegalArgumentException("handled before: " + asked);
        }
        return new QueueReply.Plain(error);
    }

    private void store(
            StoredPartition stored, Changes changes, Step<T, QueueReply, QueueEffect> out) {
        stored.store(changes).forEach(out::store);
        Iterator<StoredRecord> snapshot = stored.snapshotIfDue();
        if (snapshot != null) {
            out.storeLast(snapshot);
        }
        if (changes.anyBecameAvailable()) {
            out.effect(new QueueEffect.Wake(stored.key()));
        }
    }

    /** Does what time asks for in every share partition. */
    @Override
    public Step<T, QueueReply, QueueEffect> tick(long nowMs) {
        var out = new Step<T, QueueReply, QueueEffect>();
        forgetGone(nowMs, out);
        for (StoredPartition stored : partitions.values()) {
            SharePartition partition = stored.partition();
            if (partition != null) {
                var step = stepOf(stored.key(), nowMs);
                boolean wasFull = isMemoryFull(partition);
                partition.tick(step);
                store(stored, step.changes(), out);
                bury(stored.key(), partition, step.settings(), out);
                count(stored.key());
                wakeIfItMayGrow(stored.key(), wasFull, out);
            }
        }
        return out;
    }

    /** Its topic may have been deleted while nobody had the shard open. */
    private void forgetGone(long nowMs, Step<T, QueueReply, QueueEffect> out) {
        unknownSinceMs.keySet().removeIf(this::isThere);
        for (QueueKey key : List.copyOf(partitions.keySet())) {
            if (!topics.test(key.topicId())) {
                long sinceMs = unknownSinceMs.computeIfAbsent(key, unknown -> nowMs);
                if (nowMs - sinceMs >= GONE_AFTER_MS) {
                    forget(key, out);
                }
            }
        }
    }

    private boolean isThere(QueueKey key) {
        return !partitions.containsKey(key) || topics.test(key.topicId());
    }

    private void bury(
            QueueKey key,
            SharePartition partition,
            QueueSettings now,
            Step<T, QueueReply, QueueEffect> out) {
        List<Held> dead = partition.takeDead(MOST_BURIED_AT_ONCE);
        if (dead.isEmpty()) {
            return;
        }
        var corpses = new ArrayList<QueueEffect.Corpse>();
        for (Held held : dead) {
            DeadReason reason = held.reason();
            corpses.add(
                    new QueueEffect.Corpse(
                            held.offset(),
                            held.deliveries(),
                            reason == null ? DeadReason.REJECTED : reason));
        }
        if (now.deadLetters()) {
            out.effect(new QueueEffect.Bury(key, corpses));
        } else {
            var changes = new Changes();
            partition.buried(corpses.stream().map(QueueEffect.Corpse::offset).toList(), changes);
            StoredPartition stored = partitions.get(key);
            if (stored != null) {
                store(stored, changes, out);
            }
        }
    }

    /** Dead records could not be buried; the next tick tries again. */
    public Step<T, QueueReply, QueueEffect> burialFailed(QueueKey key, List<Long> offsets) {
        SharePartition partition = partition(key);
        if (partition != null) {
            partition.burialFailed(offsets);
        }
        return new Step<>();
    }

    /** Forgets the share partitions that a test holds for: of a group or topic that is gone. */
    public Step<T, QueueReply, QueueEffect> forget(Predicate<QueueKey> gone) {
        var out = new Step<T, QueueReply, QueueEffect>();
        partitions.keySet().stream().filter(gone).toList().forEach(key -> forget(key, out));
        return out;
    }

    private void forget(QueueKey key, Step<T, QueueReply, QueueEffect> out) {
        delete(key, out);
        count(key);
    }

    /** What a consumer might be given of {@code most} records; null if nothing is known. */
    public @Nullable Plan plan(QueueKey key, int most, long nowMs) {
        SharePartition partition = partition(key);
        if (partition == null) {
            return null;
        }
        return partition.plan(most, settings.apply(key), nowMs, () -> !isMemoryFull(partition));
    }

    /** A share partition; null if nothing is known of it. To be read only. */
    public @Nullable SharePartition partition(QueueKey key) {
        StoredPartition stored = partitions.get(key);
        return stored == null ? null : stored.partition();
    }

    /** Every share partition that a test holds for. */
    public List<QueueKey> keys(Predicate<QueueKey> wanted) {
        return partitions.values().stream()
                .filter(stored -> stored.partition() != null)
                .map(StoredPartition::key)
                .filter(wanted)
                .toList();
    }

    @Override
    public void replay(StoredRecord record, long nowMs) throws InvalidProtocolBufferException {
        QueueKey key = StoredPartition.keyOf(record);
        known(key).replay(record);
        count(key);
    }

    /** Drops what deleted share partitions have left. */
    @Override
    public Step<T, QueueReply, QueueEffect> loaded(long nowMs) {
        partitions.values().removeIf(stored -> stored.partition() == null);
        List.copyOf(countedBytes.keySet()).forEach(this::count);
        return new Step<>();
    }
}
