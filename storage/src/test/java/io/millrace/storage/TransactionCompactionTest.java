package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compaction of logs with transactions: readers of what is committed notice nothing of it. */
final class TransactionCompactionTest {
    private static final long DELETE_RETENTION_MS = 10_000;

    /** Tombstones and markers have had their time, and a checkpoint is due whatever its turn. */
    private static final long BETWEEN_COMPACTIONS_MS = 60_001 + DELETE_RETENTION_MS;

    private static final int PRODUCERS = 3;

    private final TestLogs logs = new TestLogs();
    @TempDir Path folder = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private PartitionLog open(String name) {
        var compaction = new LogConfig.Compaction(0.01, 0, Long.MAX_VALUE, DELETE_RETENTION_MS);
        return logs.open(
                folder.resolve(name),
                TestLogs.smallSegments(1200)
                        .withRetention(new LogConfig.Retention(false, true, -1, -1, compaction)));
    }

    /** What producers have done, and what of it is committed. */
    private static final class History {
        final Random random;
        final Map<Long, Short> epochs = new HashMap<>();
        final Map<Long, Integer> sequences = new HashMap<>();
        final Map<Long, Map<String, String>> open = new HashMap<>();
        final TreeMap<String, String> committed = new TreeMap<>();
        long nowMs = 1000;
        int values;

        History(long seed) {
            random = new Random(seed);
        }

        void step(PartitionLog log) {
            long producer = random.nextInt(PRODUCERS);
            nowMs += random.nextInt(50);
            if (random.nextInt(3) > 0) {
                write(log, producer);
            } else {
                end(log, producer, random.nextBoolean());
            }
        }

        private void write(PartitionLog log, long producer) {
            String key = "k" + random.nextInt(5);
            String value = "v" + values++;
            int sequence = sequences.getOrDefault(producer, 0);
            ByteBuffer batch =
                    new BatchBuilder()
                            .producer(producer, epochs.getOrDefault(producer, (short) 0), sequence)
                            .transactional()
                            .add(nowMs, bytes(key), bytes(value))
                            .build();
            var number = log.transactions().beginVerification(batch);
            var verification =
                    number.isPresent() ? new Verification(number.getAsLong(), false) : null;
            assertThat(log.append(batch, new AppendRequest(Origin.CLIENT, 0, nowMs, verification)))
                    .isInstanceOf(AppendResult.Appended.class);
            sequences.put(producer, sequence + 1);
            open.computeIfAbsent(producer, id -> new HashMap<>()).put(key, value);
        }

        void end(PartitionLog log, long producer, boolean commit) {
            short raised = (short) (epochs.getOrDefault(producer, (short) 0) + 1);
            log.transactions().end(new TransactionEnd(producer, raised, 0, commit, true), 0, nowMs);
            epochs.put(producer, raised);
            sequences.put(producer, 0);
            Map<String, String> written = open.remove(producer);
            if (commit && written != null) {
                written.forEach((key, value) -> committed.merge(key, value, History::later));
            }
        }

        /** What was written later counts, whenever it was committed. */
        private static String later(String one, String other) {
            return Integer.parseInt(one.substring(1)) > Integer.parseInt(other.substring(1))
                    ? one
                    : other;
        }

        void endAll(PartitionLog log) {
            for (long producer = 0; producer < PRODUCERS; producer++) {
                end(log, producer, random.nextBoolean());
            }
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    private static boolean compact(PartitionLog log, long nowMs) {
        log.tick(nowMs);
        var planned = log.planCompaction(nowMs, log.logEndOffset(), 1 << 20);
        planned.ifPresent(work -> {
            work.run();
            work.finish();
        });
        return planned.isPresent();
    }

    private static ByteBuffer everything(PartitionLog log) {
        var all = ByteBuffer.allocate(1 << 20);
        long offset = log.logStartOffset();
        while (offset < log.logEndOffset()) {
            LogSlice slice = log.read(offset, log.logEndOffset(), 1 << 16, true);
            ByteBuffer bytes = slice.read();
            slice.release();
            if (!bytes.hasRemaining()) {
                break;
            }
            var view = new RecordBatchView();
            int position = 0;
            while (bytes.limit() - position >= RecordBatchView.HEADER_BYTES
                    && view.wrap(bytes, position).sizeBytes() <= bytes.limit() - position) {
                position += view.sizeBytes();
                offset = view.lastOffset() + 1;
            }
            all.put(bytes.limit(position));
        }
        return all.flip();
    }

    /** The latest value of each key, as a client sees it that reads what is committed. */
    private static Map<String, String> seen(PartitionLog log) {
        long stable = log.transactions().lastStableOffset(log.logEndOffset());
        var waiting =
                new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));
        waiting.addAll(log.transactions().aborted(log.logStartOffset(), stable));
        Set<Long> aborting = new HashSet<>();
        var seen = new TreeMap<String, String>();
        ByteBuffer bytes = everything(log);
        var view = new RecordBatchView();
        for (int at = 0; at < bytes.limit(); at += view.sizeBytes()) {
            view.wrap(bytes, at);
            if (view.lastOffset() >= stable) {
                break;
            }
            while (!waiting.isEmpty() && waiting.peek().firstOffset() <= view.lastOffset()) {
                aborting.add(Objects.requireNonNull(waiting.poll()).producerId());
            }
            if (view.isControl()) {
                aborting.remove(view.producerId());
            } else if (!aborting.contains(view.producerId())) {
                add(view, seen);
            }
        }
        return seen;
    }

    private static void add(RecordBatchView view, Map<String, String> seen) {
        try (var cursor = new RecordCursor(view)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                seen.put(
                        StandardCharsets.UTF_8
                                .decode(Objects.requireNonNull(record.key()))
                                .toString(),
                        StandardCharsets.UTF_8
                                .decode(Objects.requireNonNull(record.value()))
                                .toString());
            }
        }
    }

    private static int markers(PartitionLog log) {
        ByteBuffer bytes = everything(log);
        var view = new RecordBatchView();
        int count = 0;
        for (int at = 0; at < bytes.limit(); at += view.sizeBytes()) {
            count += view.wrap(bytes, at).isControl() ? 1 : 0;
        }
        return count;
    }

    @Test
    void readersOfWhatIsCommittedNoticeNothing() {
        for (int seed = 0; seed < 12; seed++) {
            var history = new History(seed);
            PartitionLog log = open("t" + seed);
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i < 40; i++) {
                    history.step(log);
                }
                for (int pass = 0; pass < 2; pass++) {
                    history.nowMs += BETWEEN_COMPACTIONS_MS;
                    compact(log, history.nowMs);
                    history.endAll(log);
                    assertThat(seen(log))
                            .as("seed %d, compacted", seed)
                            .isEqualTo(history.committed);
                }
                if (history.random.nextBoolean()) {
                    log.close(history.nowMs);
                    log = open("t" + seed);
                    assertThat(seen(log)).as("seed %d, opened", seed).isEqualTo(history.committed);
                }
            }
            log.close(history.nowMs);
        }
    }

    @Test
    void markersGoOnceNothingOfTheirTransactionsIsLeft() {
        PartitionLog log = open("t");
        var history = new History(1);
        for (int i = 0; i < 300; i++) {
            history.step(log);
        }
        history.endAll(log);
        int before = markers(log);

        for (int pass = 0; pass < 4; pass++) {
            for (int i = 0; i < 20; i++) {
                history.step(log);
            }
            history.nowMs += BETWEEN_COMPACTIONS_MS;
            compact(log, history.nowMs);
        }

        assertThat(markers(log)).isLessThan(before / 2);
        history.endAll(log);
        assertThat(seen(log)).isEqualTo(history.committed);
        log.close(history.nowMs);
    }
}
