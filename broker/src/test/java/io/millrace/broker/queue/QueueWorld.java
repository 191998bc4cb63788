package io.millrace.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.queue.model.IndexMemory;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.QueueSettings;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.Held;
import io.millrace.broker.queue.partition.SharePartition;
import io.millrace.broker.shard.Step;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A shard of one queue on a disk that commits when it likes, keeps any part of what was not
 * committed when it crashes, and compacts.
 */
final class QueueWorld {
    static final QueueKey KEY = new QueueKey("g", new UUID(1, 2), 0);
    private static final int DELTAS_PER_SNAPSHOT = 7;

    final long seed;
    final Random random;
    final SimulatedLog log;

    /** The first offset that is handed out. */
    final long begun;

    private final List<StoredRecord> disk = new ArrayList<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final Consumer<QueueEffect> effects;
    QueueSettings settings;
    QueueShard<Consumer<QueueReply>> shard;
    long nowMs = 1_000_000;
    private final Memory memory;
    private int committed;
    private long committedStart;
    int crashes;

    /** Whether what is taken now is stored, as it should. */
    boolean storing = true;

    /** Counts as a broker's does; may be so small that the log is not read on at times. */
    private static final class Memory implements IndexMemory {
        private static final long LITTLE_BYTES = 1500;

        private final long mostBytes;
        private long usedBytes;

        Memory(long seed) {
            mostBytes = seed % 3 == 0 ? LITTLE_BYTES : Long.MAX_VALUE;
        }

        boolean isAmple() {
            return mostBytes == Long.MAX_VALUE;
        }

        @Override
        public void add(long bytes) {
            usedBytes += bytes;
        }

        @Override
        public boolean mayGrow(long ownBytes) {
            return ownBytes < mostBytes;
        }
    }

    /** A step whose records are not yet known to be stored. */
    private record Pending(Step<Consumer<QueueReply>, QueueReply, QueueEffect> step, int end) {}

    QueueWorld(long seed, QueueSettings settings, Consumer<QueueEffect> effects) {
        this.seed = seed;
        this.random = new Random(seed);
        this.settings = settings;
        this.effects = effects;
        this.memory = new Memory(seed);
        this.log = new SimulatedLog(random, settings.extras().any());
        this.shard = newShard();
        this.begun = begin();
        commitAll();
    }

    /** By the first fetch of a member; or before anybody has joined, where it was told to. */
    private long begin() {
        long start = 0;
        if (random.nextBoolean()) {
            take(shard.handle(reply -> {}, new QueueRequest.Initialize(KEY, start), nowMs));
        } else {
            log.append(nowMs);
            log.append(nowMs);
            start = random.nextInt(log.end() + 3);
            assertThat(shard.plan(KEY, 1, nowMs)).as("seed %d: nothing yet", seed).isNull();
            take(shard.handle(reply -> {}, new QueueRequest.Reset(KEY, start), nowMs));
        }
        return start;
    }

    private QueueShard<Consumer<QueueReply>> newShard() {
        return new QueueShard<>(
                key -> settings,
                id -> isTopicKnown(),
                random::nextDouble,
                memory,
                DELTAS_PER_SNAPSHOT);
    }

    /** A broker may hear late of a topic, and has then forgotten nothing. */
    private boolean isTopicKnown() {
        return random.nextInt(4) > 0;
    }

    SharePartition partition() {
        SharePartition partition = shard.partition(KEY);
        assertThat(partition).as("seed %d: the queue is known", seed).isNotNull();
        return java.util.Objects.requireNonNull(partition);
    }

    void ask(QueueRequest request, Consumer<QueueReply> reply) {
        boolean offered = offersAnything();
        take(shard.handle(reply, request, nowMs), offered);
    }

    void tick() {
        boolean offered = offersAnything();
        take(shard.tick(nowMs), offered);
    }

    /** Whether a consumer finds anything that it might be given now. */
    private boolean offersAnything() {
        Plan plan = shard.plan(KEY, 1, nowMs);
        return plan != null
                && (!plan.candidates().isEmpty()
                        || (plan.scanFrom() >= 0 && plan.scanFrom() < log.end()));
    }

    /**
     * Whoever found nothing before a step, and would find something after it, is woken by it. With
     * little memory, where nobody looks ahead, what has expired may be in the way until a tick.
     */
    private void take(
            Step<Consumer<QueueReply>, QueueReply, QueueEffect> step, boolean offeredBefore) {
        take(step);
        if (!offeredBefore && memory.isAmple() && offersAnything()) {
            assertThat(step.effects())
                    .as("seed %d: wakes", seed)
                    .contains(new QueueEffect.Wake(KEY));
        }
    }

    void take(Step<Consumer<QueueReply>, QueueReply, QueueEffect> step) {
        var records = new ArrayList<StoredRecord>();
        step.allRecords().forEachRemaining(records::add);
        if (storing) {
            disk.addAll(records);
        }
        pending.add(new Pending(step, disk.size()));
    }

    void commitSome() {
        for (int i = random.nextInt(3); i > 0 && !pending.isEmpty(); i--) {
            commitOne();
        }
    }

    void commitAll() {
        while (!pending.isEmpty()) {
            commitOne();
        }
        committedStart = partition().startOffset();
    }

    private void commitOne() {
        Pending next = pending.remove();
        committed = next.end();
        next.step().replies().forEach(reply -> reply.request().accept(reply.reply()));
        next.step().effects().forEach(effects);
    }

    boolean isQuiet() {
        return pending.isEmpty();
    }

    /** Everything committed survives, and any beginning of the rest. */
    void crash() throws InvalidProtocolBufferException {
        crashes++;
        int survives = committed + random.nextInt(disk.size() - committed + 1);
        disk.subList(survives, disk.size()).clear();
        committed = survives;
        pending.clear();
        shard.drop();
        assertThat(memory.usedBytes).as("seed %d: memory of nobody", seed).isZero();
        shard = replayed();
        checkMemory();
    }

    private void checkMemory() {
        assertThat(memory.usedBytes)
                .as("seed %d: memory as counted", seed)
                .isEqualTo(partition().memoryBytes());
    }

    private QueueShard<Consumer<QueueReply>> replayed() throws InvalidProtocolBufferException {
        QueueShard<Consumer<QueueReply>> fresh = newShard();
        for (StoredRecord record : disk) {
            fresh.replay(record, nowMs);
        }
        fresh.loaded(nowMs);
        return fresh;
    }

    /** Keeps the last record of each key, as compaction does, of all that is committed. */
    void compact() {
        var last = new LinkedHashMap<ByteString, Integer>();
        for (int i = 0; i < committed; i++) {
            last.put(disk.get(i).key(), i);
        }
        var kept = new ArrayList<StoredRecord>();
        for (int i = 0; i < committed; i++) {
            boolean isLast = Integer.valueOf(i).equals(last.get(disk.get(i).key()));
            if (isLast && disk.get(i).value() != null) {
                kept.add(disk.get(i));
            }
        }
        int dropped = committed - kept.size();
        kept.addAll(disk.subList(committed, disk.size()));
        disk.clear();
        disk.addAll(kept);
        committed -= dropped;
        var moved = new ArrayList<Pending>();
        pending.forEach(each -> moved.add(new Pending(each.step(), each.end() - dropped)));
        pending.clear();
        pending.addAll(moved);
    }

    int storedRecords() {
        return disk.size();
    }

    /** What has to hold after every event. */
    void check() {
        SharePartition partition = partition();
        assertThat(partition.startOffset())
                .as("seed %d: the start does not go back", seed)
                .isGreaterThanOrEqualTo(committedStart);
        assertThat(partition.startOffset()).isLessThanOrEqualTo(partition.endOffset());
        if (pending.isEmpty()) {
            committedStart = partition.startOffset();
        }
        var heldKeys = new TreeMap<Integer, Long>();
        for (Held held : partition.held()) {
            assertThat(held.deliveries())
                    .as("seed %d: deliveries of %d", seed, held.offset())
                    .isLessThanOrEqualTo(settings.locks().deliveries());
            if (held.phase() == Phase.ACQUIRED && held.traits().key() != 0) {
                assertThat(heldKeys.put(held.traits().key(), held.offset()))
                        .as("seed %d: two records of key %d held", seed, held.traits().key())
                        .isNull();
            }
        }
    }

    /** What the records say, and only they, is what the machine knows. */
    void checkReplay() throws InvalidProtocolBufferException {
        SharePartition now = partition();
        QueueShard<Consumer<QueueReply>> fresh = replayed();
        SharePartition again = fresh.partition(KEY);
        assertThat(again).as("seed %d", seed).isNotNull();
        if (again != null) {
            assertThat(state(again)).as("seed %d: state after replay", seed).isEqualTo(state(now));
        }
        fresh.drop();
    }

    private List<String> state(SharePartition partition) {
        var lines = new ArrayList<String>();
        lines.add("start %d end %d".formatted(partition.startOffset(), partition.endOffset()));
        for (Held held : partition.held()) {
            if (!held.isStaged()) {
                lines.add(
                        "%d %s %d %s %d %s %s"
                                .formatted(
                                        held.offset(),
                                        held.phase(),
                                        held.deliveries(),
                                        held.member(),
                                        held.untilMs(),
                                        held.reason(),
                                        settled(held.traits())));
            }
        }
        for (Map.Entry<Long, Traits> waiting : partition.waiting().entrySet()) {
            lines.add("%d waits %s".formatted(waiting.getKey(), settled(waiting.getValue())));
        }
        return lines;
    }

    private Traits settled(Traits traits) {
        long dueMs = traits.dueMs() <= nowMs ? 0 : traits.dueMs();
        return new Traits(traits.key(), dueMs, traits.expiresMs(), traits.priority());
    }
}
