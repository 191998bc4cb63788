package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.LogConfig;
import io.millrace.storage.LogConfig.Retention;
import io.millrace.storage.LogConfig.Segments;
import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.simulation.disk.SimulatedCrash;
import io.millrace.storage.simulation.seed.Seeds;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A compacted log through crashes and losses of power at any change of the disk: the latest record
 * of each key stays, no gap that compaction has left is taken for damage, and a closed segment that
 * loses its end is missed.
 */
class CompactionSimulationTest {
    private static final int SEEDS = 400;
    private static final int ROUNDS = 6;
    private static final int KEYS = 6;

    /** One log and what was written to it, by offset. */
    private static final class History {
        final Random random;
        final ReplicaNode node;
        final TreeMap<Long, Integer> keys = new TreeMap<>();
        long nowMs = 1_000;
        long acknowledged;
        long events;

        History(long seed) {
            random = new Random(seed);
            LogConfig config = LogConfig.defaults();
            var compaction = new LogConfig.Compaction(0.01, 0, Long.MAX_VALUE, 20_000);
            node =
                    new ReplicaNode(
                            seed ^ 0x5EED,
                            config.withSegment(
                                            new Segments(
                                                    300 + (int) (seed % 5) * 300,
                                                    Long.MAX_VALUE,
                                                    0,
                                                    1 << 20,
                                                    100 + (int) (seed % 3) * 300))
                                    .withRetention(new Retention(false, true, -1, -1, compaction)));
            node.open(nowMs);
        }

        void steps(int count) {
            for (int i = 0; i < count; i++) {
                events++;
                switch (random.nextInt(12)) {
                    case 0 -> node.log().requestFlush();
                    case 1 -> node.runFlush();
                    case 2 -> node.runOwner();
                    case 3 -> {
                        nowMs += random.nextInt(10_000);
                        node.log().tick(nowMs);
                    }
                    case 4 -> compact();
                    default -> append();
                }
                acknowledged = node.log().flushedOffset();
            }
        }

        private void append() {
            var batch = new BatchBuilder();
            long first = node.log().logEndOffset();
            int records = 1 + random.nextInt(3);
            for (int i = 0; i < records; i++) {
                int key = random.nextInt(KEYS);
                // Written or not, if the process dies over it.
                keys.put(first + i, key);
                byte[] value = new byte[8 + random.nextInt(60)];
                random.nextBytes(value);
                batch.add(nowMs, new byte[] {(byte) key}, value);
            }
            assertThat(node.log().append(batch.build(), new AppendRequest(Origin.CLIENT, 0, nowMs)))
                    .isInstanceOf(AppendResult.Appended.class);
        }

        void compact() {
            node.log()
                    .planCompaction(nowMs, node.log().flushedOffset(), 1 << 20)
                    .ifPresent(work -> {
                        events++;
                        work.run();
                        work.finish();
                    });
        }

        /** What is there has the keys that it was written with, and the latest of each is there. */
        void check() {
            long end = node.log().logEndOffset();
            assertThat(end).as("log end").isGreaterThanOrEqualTo(acknowledged);
            keys.tailMap(end).clear();
            Map<Integer, Long> expected = new HashMap<>();
            keys.forEach((offset, key) -> expected.put(key, offset));
            Map<Integer, Long> found = new HashMap<>();
            for (ByteBuffer batch : node.batches(0).values()) {
                for (Map.Entry<Long, Integer> record : records(batch).entrySet()) {
                    assertThat(keys).contains(record);
                    found.put(record.getValue(), record.getKey());
                }
            }
            assertThat(found).as("latest record of each key").isEqualTo(expected);
        }

        private static Map<Long, Integer> records(ByteBuffer batch) {
            var keys = new TreeMap<Long, Integer>();
            try (var cursor = new RecordCursor(new RecordBatchView().wrap(batch, 0))) {
                for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                    ByteBuffer key = Objects.requireNonNull(record.key());
                    keys.put(cursor.offset(), (int) key.get(key.position()));
                }
            }
            return keys;
        }
    }

    @Test
    @Tag("simulation")
    void theLatestOfEachKeyStaysAndNoGapIsTakenForDamage() {
        Seeds.each(SEEDS, CompactionSimulationTest::crashes);
    }

    private static long crashes(long seed) {
        var history = new History(seed);
        for (int round = 0; round < ROUNDS; round++) {
            history.steps(30);
            boolean died = false;
            if (history.random.nextInt(3) > 0) {
                history.node.disk.crashIn(history.random.nextInt(30));
                died = diesIn(history);
            }
            if (died || history.random.nextInt(3) > 0) {
                if (history.random.nextBoolean()) {
                    history.node.disk.losePower();
                } else {
                    history.node.disk.killProcess();
                }
                history.node.open(history.nowMs);
            } else {
                history.node.disk.crashIn(-1);
                history.node.restart(history.nowMs);
            }
            List<Quarantine.Range> bad = history.node.log().quarantined();
            assertThat(bad)
                    .allSatisfy(range -> {
                        assertThat(range.firstOffset())
                                .isGreaterThanOrEqualTo(history.acknowledged);
                        assertThat(range.endPosition()).isGreaterThan(range.position());
                    });
            if (!bad.isEmpty()) {
                // What was written and never acknowledged may be quarantined, and ends compaction.
                break;
            }
            history.check();
            history.acknowledged = history.node.log().flushedOffset();
        }
        return history.events;
    }

    private static boolean diesIn(History history) {
        try {
            if (history.random.nextBoolean()) {
                history.node.flushAll();
                history.acknowledged = history.node.log().flushedOffset();
                history.compact();
            }
            history.steps(20);
            return false;
        } catch (SimulatedCrash crash) {
            return true;
        }
    }

    @Test
    @Tag("simulation")
    void aClosedSegmentThatLosesItsEndIsMissed() {
        Seeds.each(SEEDS, CompactionSimulationTest::lostEnd);
    }

    private static long lostEnd(long seed) {
        var history = new History(seed);
        history.steps(60 + history.random.nextInt(60));
        history.node.flushAll();
        history.compact();
        history.node.restart(history.nowMs);
        TreeMap<Long, ByteBuffer> before = new TreeMap<>(history.node.batches(0));
        history.node.log().close(history.nowMs);
        List<Path> closed =
                history.node.disk.files().stream()
                        .filter(file -> file.toString().endsWith(".log"))
                        .filter(file -> history.node.disk.bytes(file).length > 0)
                        .toList();
        if (closed.size() < 2) {
            return history.events;
        }
        Path cut = closed.get(history.random.nextInt(closed.size() - 1));
        byte[] bytes = history.node.disk.bytes(cut);
        int left = history.random.nextInt(bytes.length);
        var lost = new TreeMap<Long, Integer>();
        var view = new RecordBatchView();
        for (int at = 0; at < bytes.length; at += view.sizeBytes()) {
            view.wrap(ByteBuffer.wrap(bytes), at);
            if (at + view.sizeBytes() > left) {
                lost.put(view.baseOffset(), view.sizeBytes());
            }
        }
        history.node.disk.cut(cut, left);

        history.node.open(history.nowMs);

        List<Quarantine.Range> bad = history.node.log().quarantined();
        before.forEach((offset, batch) -> {
            boolean missed =
                    bad.stream()
                            .anyMatch(range ->
                                    offset >= range.firstOffset() && offset < range.endOffset());
            assertThat(missed)
                    .as("offset %d is missed", offset)
                    .isEqualTo(lost.containsKey(offset));
            if (!missed) {
                assertThat(history.node.read(offset, 1)).isEqualTo(batch);
            }
        });
        return history.events;
    }
}
