package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.BackgroundWork;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogConfig.Retention;
import io.millrace.storage.LogConfig.Segments;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.ProducerStates.ActiveProducer;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import io.millrace.storage.simulation.disk.SimulatedCrash;
import io.millrace.storage.state.Checkpoint;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One log with producers of every kind, and what befalls it, in an order that the seed decides. */
final class CutPlay {
    private static final Path FOLDER = Path.of("/data/topic-0");
    private static final int TRANSACTIONAL = 100;

    /** From the first byte on that a CRC covers. */
    private static final int COVERED_AT = 21;

    private final Random random;
    private final boolean compacted;
    private final ReplicaNode node;

    /** What was appended, by its first offset. */
    private final TreeMap<Long, ByteBuffer> written = new TreeMap<>();

    /** Files of summaries as they once were. */
    private final Map<Path, byte[]> old = new HashMap<>();

    private long highWatermark;
    private long nowMs = 1_700_000_000_000L;
    private long played;
    private long summaries;
    private long repairs;

    CutPlay(long seed) {
        random = new Random(seed);
        compacted = seed % 3 == 0;
        LogConfig config = LogConfig.defaults();
        var compaction = new LogConfig.Compaction(0.01, 0, Long.MAX_VALUE, 20_000);
        var segments =
                new Segments(
                        1500 + (int) (seed % 5) * 1500,
                        Long.MAX_VALUE,
                        0,
                        1 << 20,
                        100 + (int) (seed % 4) * 300);
        node =
                new ReplicaNode(
                        seed ^ 0xC07,
                        config.withSegment(segments)
                                .withRetention(
                                        new Retention(
                                                !compacted,
                                                compacted,
                                                60_000,
                                                20_000,
                                                compaction)));
        node.open(nowMs);
    }

    private PartitionLog log() {
        return node.log();
    }

    long played() {
        return played;
    }

    /** Files of summaries that were there when the log was cut. */
    long summaries() {
        return summaries;
    }

    long repairs() {
        return repairs;
    }

    void steps(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    private void step() {
        played++;
        nowMs += random.nextInt(50);
        switch (random.nextInt(36)) {
            case 0, 1, 2, 3 -> append(-1);
            case 4, 5, 6, 7, 8, 9, 10, 11 -> append(random.nextInt(3));
            case 12, 13, 14, 15, 16, 17, 18 -> append(TRANSACTIONAL + random.nextInt(3));
            case 19, 20, 21 -> endTransaction(TRANSACTIONAL + random.nextInt(3));
            case 22 -> log().requestFlush();
            case 23 -> node.runFlush();
            case 24 -> node.runOwner();
            case 25, 26 -> tick();
            case 27 -> raiseHighWatermark();
            case 28 -> remove();
            case 29 -> compact();
            case 30 -> maybe(4, this::restart);
            case 31 -> maybe(4, () -> reopen(random.nextBoolean()));
            case 32 -> spoilSummaries();
            case 33 -> maybe(3, this::flipAndFind);
            case 34 -> repair();
            default -> verify();
        }
    }

    private void maybe(int oneIn, Runnable step) {
        if (random.nextInt(oneIn) == 0) {
            step.run();
        }
    }

    private void append(long producer) {
        var builder = new BatchBuilder();
        if (producer >= 0) {
            ActiveProducer known = producer(producer);
            boolean raised = known != null && producer < TRANSACTIONAL && random.nextInt(12) == 0;
            short epoch = known == null ? 0 : (short) (known.epoch() + (raised ? 1 : 0));
            builder.producer(
                    producer, epoch, known == null || raised ? 0 : known.lastSequence() + 1);
        }
        if (producer >= TRANSACTIONAL) {
            builder.transactional();
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
            byte[] value = new byte[random.nextInt(90)];
            random.nextBytes(value);
            byte[] key = {(byte) random.nextInt(6)};
            builder.add(nowMs - random.nextInt(500), compacted ? key : null, value);
        }
        ByteBuffer batch = builder.build();
        OptionalLong number = log().transactions().beginVerification(batch);
        var verification = number.isPresent() ? new Verification(number.getAsLong(), false) : null;
        AppendResult result =
                log().append(batch, new AppendRequest(Origin.CLIENT, 0, nowMs, verification));
        if (result instanceof AppendResult.Appended appended) {
            written.put(appended.firstOffset(), LogHistory.copy(batch));
        }
    }

    private void endTransaction(long producer) {
        ActiveProducer known = producer(producer);
        if (known != null && known.transactionFirstOffset() >= 0) {
            boolean raises = random.nextBoolean();
            short epoch = (short) (known.epoch() + (raises ? 1 : 0));
            var end = new TransactionEnd(producer, epoch, 0, random.nextBoolean(), raises);
            long first = log().logEndOffset();
            log().transactions().end(end, 0, nowMs);
            if (log().logEndOffset() > first) {
                written.put(first, LogHistory.copy(node.read(first, 1)));
            }
        }
    }

    private @Nullable ActiveProducer producer(long id) {
        return log().activeProducers().stream()
                .filter(each -> each.producerId() == id)
                .findFirst()
                .orElse(null);
    }

    private void tick() {
        nowMs += random.nextInt(10_000);
        log().tick(nowMs);
    }

    private void raiseHighWatermark() {
        long flushed = log().flushedOffset();
        if (flushed > highWatermark) {
            highWatermark += random.nextInt((int) (flushed - highWatermark) + 1);
            log().recordHighWatermark(highWatermark);
        }
    }

    private void remove() {
        if (!compacted && random.nextBoolean()) {
            log().retain(nowMs, highWatermark);
        } else if (!compacted && highWatermark > log().logStartOffset()) {
            long span = highWatermark - log().logStartOffset();
            log().deleteRecordsBefore(log().logStartOffset() + random.nextInt((int) span) / 2);
        }
    }

    private void compact() {
        log().planCompaction(nowMs, highWatermark, 1 << 20)
                .ifPresent(work -> {
                    work.run();
                    work.finish();
                });
    }

    private void verify() {
        BackgroundWork pass = log().planVerification();
        pass.run();
        pass.finish();
    }

    private void restart() {
        node.restart(nowMs);
        opened();
    }

    private void reopen(boolean losesPower) {
        node.disk.crashIn(-1);
        if (losesPower) {
            node.disk.losePower();
        } else {
            node.disk.killProcess();
        }
        node.open(nowMs);
        opened();
        // What was found, and not stored yet, is found again.
        verify();
    }

    private void opened() {
        highWatermark = log().checkpointedHighWatermark().orElse(0);
        written.tailMap(log().logEndOffset()).clear();
    }

    /** Keeps files of summaries, brings them back, spoils them, deletes them. */
    private void spoilSummaries() {
        for (Path file : summaryFiles()) {
            int size = node.disk.bytes(file).length;
            switch (random.nextInt(12)) {
                case 0, 1 -> old.put(file, node.disk.bytes(file).clone());
                case 2 -> node.disk.flip(file, random.nextInt(size), random.nextInt(8));
                case 3 -> node.disk.cut(file, random.nextInt(size));
                case 4 -> node.disk.delete(file);
                default -> bringBack(file);
            }
        }
    }

    private void bringBack(Path file) {
        byte[] before = old.get(file);
        if (before != null && random.nextInt(3) == 0) {
            node.disk.cut(file, 0);
            node.disk.overwrite(file, 0, before);
        }
    }

    private List<Path> summaryFiles() {
        return node.disk.files().stream()
                .filter(file -> file.toString().endsWith(".producers"))
                .filter(file -> node.disk.bytes(file).length > 0)
                .toList();
    }

    /** Flips a bit in a closed segment, and has it found. */
    private void flipAndFind() {
        List<Path> logs =
                node.disk.files().stream()
                        .filter(file -> file.toString().endsWith(".log"))
                        .filter(file -> node.disk.bytes(file).length > 0)
                        .toList();
        if (logs.size() > 1 && log().quarantined().size() < 3) {
            Path file = logs.get(random.nextInt(logs.size() - 1));
            var bytes = ByteBuffer.wrap(node.disk.bytes(file));
            int at = 0;
            var view = new RecordBatchView().wrap(bytes, at);
            for (int skip = random.nextInt(12);
                    skip > 0
                            && view.sizeBytes() > 0
                            && at + view.sizeBytes() + COVERED_AT < bytes.limit();
                    skip--) {
                at += view.sizeBytes();
                view.wrap(bytes, at);
            }
            boolean good = view.sizeBytes() > COVERED_AT && at + view.sizeBytes() <= bytes.limit();
            if (good) {
                int within = COVERED_AT + random.nextInt(view.sizeBytes() - COVERED_AT);
                node.disk.flip(file, at + within, random.nextInt(8));
                verify();
            }
        }
    }

    private void repair() {
        for (Quarantine.Range range : log().quarantined()) {
            Optional<BackgroundWork.Repair> planned =
                    compacted ? Optional.empty() : log().planRepair(range);
            if (planned.isPresent()) {
                repair(planned.get());
                return;
            }
        }
    }

    private void repair(BackgroundWork.Repair repair) {
        while (!repair.isComplete()) {
            ByteBuffer batch = written.get(repair.nextOffset());
            if (batch == null || !repair.take(batch.duplicate()).isEmpty()) {
                repair.abandon();
                return;
            }
        }
        repair.run();
        repairs += repair.finish().isEmpty() ? 0 : 1;
    }

    private long someOffset() {
        long start = log().logStartOffset();
        long span = log().logEndOffset() - start;
        long back = random.nextInt(3) > 0 ? Math.min(span, 12) : span;
        return start + span - (span == 0 ? 0 : random.nextInt((int) back) + 1);
    }

    /** Cuts the log somewhere, and dies over it or not. */
    void cutUntilACrash() {
        if (random.nextBoolean()) {
            node.flushAll();
            node.disk.crashIn(random.nextInt(16));
            try {
                log().truncateTo(someOffset());
            } catch (SimulatedCrash crash) {
                played++;
            }
            reopen(random.nextBoolean());
        }
    }

    /** Cuts the log somewhere, and compares what is known with what is there. */
    void cutAndCheck() {
        if (log().logEndOffset() == log().logStartOffset()) {
            return;
        }
        node.flushAll();
        summaries += summaryFiles().size();
        long start = log().logStartOffset();
        List<AbortedTransaction> before = log().transactions().aborted(0, Long.MAX_VALUE);
        long end = log().truncateTo(someOffset());
        written.tailMap(end).clear();
        highWatermark = Math.min(highWatermark, end);
        Checkpoint stored = Replayed.checkpoint(node.disk, FOLDER);
        var replayed = new Replayed(node.disk, stored, written);

        assertThat(Replayed.producers(stored.producers()))
                .as("producers after a cut to %d", end)
                .isEqualTo(replayed.producers());
        assertThat(log().transactions().aborted(0, Long.MAX_VALUE))
                .as("aborted transactions after a cut to %d", end)
                .isEqualTo(before.stream().filter(each -> each.lastOffset() < end).toList());
        for (long to = highWatermark; to <= end; to++) {
            assertThat(log().transactions().lastStableOffset(to))
                    .as("last stable offset up to %d", to)
                    .isEqualTo(Math.max(replayed.firstUnstableOffset(to), Math.min(start, to)));
        }
        highWatermark = end;
        log().recordHighWatermark(end);
    }
}
