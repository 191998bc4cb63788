package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.LogConfig;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.ReplicaAppend;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.producer.ProducerStates.ActiveProducer;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import io.millrace.storage.simulation.disk.SimulatedCrash;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

/** A leader and a follower, and what befalls them, in an order that the seed decides. */
final class ReplicaPlay {
    private static final int TRANSACTIONAL = 100;

    final Random random;
    final LogConfig config;
    private final boolean deleting;
    private final ReplicaCheck check;
    private ReplicaNode leader;
    private ReplicaNode follower;
    private int epoch;
    private long nowMs = 1_700_000_000_000L;
    private long played;

    /**
     * @param deleting whether records are deleted, from the start of the log on
     */
    ReplicaPlay(long seed, LogConfig config, boolean deleting) {
        this.random = new Random(seed);
        this.config = config;
        this.deleting = deleting;
        this.check = new ReplicaCheck(this);
        leader = new ReplicaNode(seed ^ 0x1EAD, config);
        follower = new ReplicaNode(seed ^ 0xF011, config);
        leader.open(nowMs);
        follower.open(nowMs);
    }

    ReplicaNode leader() {
        return leader;
    }

    ReplicaNode follower() {
        return follower;
    }

    int epoch() {
        return epoch;
    }

    long nowMs() {
        return nowMs;
    }

    long played() {
        return played;
    }

    boolean isDeleting() {
        return deleting;
    }

    void steps(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    /** Goes on until one of them dies in the midst of a change, or for a while. */
    void stepsUntilACrash() {
        ReplicaNode dying = random.nextBoolean() ? leader : follower;
        dying.disk.crashIn(random.nextInt(25));
        long before = dying.log().flushedOffset();
        boolean cut = false;
        try {
            steps(20);
        } catch (SimulatedCrash crash) {
            cut = true;
        }
        reopen(dying, cut ? 0 : Math.min(before, dying.log().flushedOffset()));
        beginEpoch(random.nextBoolean());
    }

    /** Has the leader start anew somewhere, and die over it or not; says whether it has. */
    boolean restartLeaderUntilACrash() {
        leader.flushAll();
        long end = leader.log().logEndOffset();
        var before = leader.batches(0);
        long offset = random.nextInt((int) end * 2 + 2);
        leader.disk.crashIn(random.nextInt(24));
        try {
            leader.log().restartAt(offset);
        } catch (SimulatedCrash crash) {
            played++;
        }
        reopen(leader, 0);
        boolean anew = leader.batches(0).isEmpty();
        assertThat(leader.batches(0)).isIn(before, new TreeMap<>());
        assertThat(leader.log().logEndOffset()).isEqualTo(anew && end > 0 ? offset : end);
        assertThat(leader.log().activeProducers().isEmpty())
                .isEqualTo(anew || noneHasAProducer(before));
        return anew;
    }

    private static boolean noneHasAProducer(Map<Long, ByteBuffer> batches) {
        return batches.values().stream()
                .noneMatch(batch -> new RecordBatchView().wrap(batch, 0).hasProducer());
    }

    /** What is appended after a crash is there after the next. */
    void appendAfterACrash() {
        produce(-1);
        leader.flushAll();
        var kept = leader.batches(0);
        reopen(leader, leader.log().logEndOffset());
        assertThat(leader.batches(0)).isEqualTo(kept).isNotEmpty();
    }

    private void reopen(ReplicaNode node, long safeOffset) {
        if (random.nextBoolean()) {
            node.disk.losePower();
        } else {
            node.disk.killProcess();
        }
        node.open(nowMs);
        assertThat(node.log().logEndOffset())
                .as("end after a crash")
                .isGreaterThanOrEqualTo(safeOffset);
        node.log().quarantined().stream()
                .mapToLong(range -> Math.max(range.firstOffset(), node.log().logStartOffset()))
                .min()
                .ifPresent(first -> {
                    assertThat(first).as("quarantined").isGreaterThanOrEqualTo(safeOffset);
                    node.log().truncateTo(first);
                });
        assertThat(node.log().quarantined()).isEmpty();
    }

    private void beginEpoch(boolean swap) {
        if (swap) {
            ReplicaNode demoted = leader;
            leader = follower;
            follower = demoted;
            check.leaderRecognisesDuplicates();
        }
        epoch++;
        leader.log().beginEpoch(epoch);
        follower.truncateBy(leader.log());
        check.exchanged();
    }

    private void step() {
        played++;
        nowMs += random.nextInt(50);
        ReplicaNode either = random.nextBoolean() ? leader : follower;
        switch (random.nextInt(24)) {
            case 0, 1, 2 -> produce(-1);
            case 3, 4, 5 -> produce(random.nextInt(3));
            case 6, 7, 8 -> produce(TRANSACTIONAL + random.nextInt(3));
            case 9, 10 -> endTransaction(TRANSACTIONAL + random.nextInt(3));
            case 11, 12, 13, 14, 15 -> fetch();
            case 16, 17 -> either.log().requestFlush();
            case 18 -> either.runFlush();
            case 19 -> either.runOwner();
            case 20 -> tick(either);
            case 21 -> deleteSome();
            case 22 -> maybeBeginEpoch();
            default -> maybeRestart();
        }
    }

    private void tick(ReplicaNode node) {
        nowMs += random.nextInt(10_000);
        node.log().tick(nowMs);
    }

    private void maybeBeginEpoch() {
        if (random.nextInt(3) == 0) {
            beginEpoch(random.nextBoolean());
        }
    }

    private void maybeRestart() {
        if (random.nextInt(4) == 0) {
            follower.restart(nowMs);
            check.exchanged();
        }
    }

    private void deleteSome() {
        PartitionLog log = leader.log();
        long span = log.logEndOffset() - log.logStartOffset();
        if (deleting && span > 0) {
            log.deleteRecordsBefore(log.logStartOffset() + random.nextInt((int) span + 1));
            log.retain(nowMs, log.logEndOffset());
        }
    }

    private void produce(long producer) {
        PartitionLog log = leader.log();
        var builder = new BatchBuilder();
        if (producer >= 0) {
            ActiveProducer known = check.producer(log, producer);
            builder.producer(
                    producer,
                    known == null ? 0 : known.epoch(),
                    known == null ? 0 : known.lastSequence() + 1);
        }
        if (producer >= TRANSACTIONAL) {
            builder.transactional();
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
            byte[] value = new byte[random.nextInt(60)];
            random.nextBytes(value);
            builder.add(nowMs - random.nextInt(500), null, value);
        }
        ByteBuffer batch = builder.build();
        OptionalLong number = log.transactions().beginVerification(batch);
        var verification = number.isPresent() ? new Verification(number.getAsLong(), false) : null;
        AppendResult result =
                log.append(batch, new AppendRequest(Origin.CLIENT, epoch, nowMs, verification));
        // A producer that a log has forgotten begins anew, and may meet one that remembers it.
        assertThat(result)
                .isInstanceOfAny(
                        AppendResult.Appended.class,
                        deleting ? AppendResult.Duplicate.class : AppendResult.Appended.class);
    }

    private void endTransaction(long producer) {
        ActiveProducer known = check.producer(leader.log(), producer);
        if (known != null && known.transactionFirstOffset() >= 0) {
            short raised = (short) (known.epoch() + 1);
            var end = new TransactionEnd(producer, raised, epoch, random.nextBoolean(), true);
            leader.log().transactions().end(end, epoch, nowMs);
        }
    }

    /** One fetch of a random size, of which the last batch may come in part. */
    private void fetch() {
        long start = leader.log().logStartOffset();
        if (start > follower.log().logEndOffset()) {
            follower.flushAll();
        }
        follower.log().raiseLogStart(start);
        long from = follower.log().logEndOffset();
        if (from < leader.log().logEndOffset()) {
            ByteBuffer bytes = leader.read(from, 1 + random.nextInt(1500));
            ReplicaAppend result = follower.log().appendAsReplica(bytes, nowMs);
            assertThat(result).isInstanceOf(ReplicaAppend.Appended.class);
            assertThat(result.logEndOffset())
                    .isEqualTo(follower.log().logEndOffset())
                    .isGreaterThan(from);
            follower.log().recordHighWatermark(follower.log().flushedOffset());
        }
        check.exchanged();
    }
}
