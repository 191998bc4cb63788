package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.BackgroundWork;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogConfig.Segments;
import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.simulation.disk.SimulatedCrash;
import io.millrace.storage.simulation.seed.Seeds;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Bits of a follower's log are flipped, and repaired from its leader through crashes and losses of
 * power at any change of the disk: no crash makes more of it unreadable, and in the end the logs
 * are equal, byte by byte.
 */
class RepairSimulationTest {
    private static final int SEEDS = 400;
    private static final int BATCHES = 60;
    private static final int BATCHES_OF_AN_EPOCH = 20;
    private static final long NOW_MS = 1_000;

    /** The CRC and all behind it. */
    private static final int CRC_AT = 17;

    private static final int EPOCH_AT = 12;

    /** Bytes of the base offset, the length, the leader epoch, and the magic. */
    private static final int[] UNCOVERED = {
        0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15, 15, 16
    };

    private final AtomicInteger crashes = new AtomicInteger();
    private final AtomicInteger repairs = new AtomicInteger();
    private final AtomicInteger neighbours = new AtomicInteger();

    @Test
    @Tag("simulation")
    void whatIsRepairedIsWhatTheLeaderHas() {
        Seeds.each(SEEDS, this::play);
        if (Seeds.areUsual()) {
            assertThat(crashes).hasValueGreaterThan(SEEDS / 2);
            assertThat(repairs).hasValueGreaterThan(SEEDS);
            assertThat(neighbours).hasPositiveValue();
        }
    }

    private long play(long seed) {
        var random = new Random(seed);
        LogConfig config =
                LogConfig.defaults()
                        .withSegment(
                                new Segments(
                                        400 + (int) (seed % 5) * 500,
                                        Long.MAX_VALUE,
                                        0,
                                        1 << 20,
                                        100 + (int) (seed % 3) * 300));
        var leader = new ReplicaNode(seed, config);
        var follower = new ReplicaNode(seed + 1, config);
        leader.open(NOW_MS);
        follower.open(NOW_MS);
        fill(leader, random);
        while (follower.log().logEndOffset() < leader.log().logEndOffset()) {
            follower.log().appendAsReplica(leader.read(follower.log().logEndOffset(), 700), NOW_MS);
        }
        leader.restart(NOW_MS);
        follower.restart(NOW_MS);
        if (seed % 3 == 0) {
            if (random.nextBoolean()) {
                flip(follower, UNCOVERED[random.nextInt(UNCOVERED.length)], random);
            } else {
                flipEpoch(follower, random);
            }
            if (random.nextBoolean()) {
                follower.reopenWithoutCheckpoint(NOW_MS);
            }
        } else {
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                flip(follower, CRC_AT, random);
            }
        }
        find(follower, random);
        Set<Long> bad = unreadable(follower);
        int events = 0;
        boolean told = !bad.isEmpty();
        while (!follower.log().quarantined().isEmpty()) {
            assertThat(events++).isLessThan(100);
            repairUntilACrash(follower, leader, random);
            Set<Long> left = unreadable(follower);
            assertThat(bad).containsAll(left);
            bad = left;
            if (left.isEmpty()) {
                verify(follower);
                bad = unreadable(follower);
            }
        }
        areEqual(follower, leader, told);
        follower.restart(NOW_MS);
        assertThat(follower.log().quarantined()).isEmpty();
        areEqual(follower, leader, told);
        return (long) BATCHES + events;
    }

    /**
     * Compares the logs byte by byte, and what they know of their epochs.
     *
     * @param told whether anything was found bad; if nothing was, it may be an epoch that fits
     */
    private static void areEqual(ReplicaNode follower, ReplicaNode leader, boolean told) {
        if (told) {
            assertThat(follower.batches(0)).isEqualTo(leader.batches(0));
            for (long offset = 0; offset < leader.log().logEndOffset(); offset++) {
                assertThat(follower.log().epochAt(offset)).isEqualTo(leader.log().epochAt(offset));
            }
        } else {
            assertThat(withoutEpochs(follower)).isEqualTo(withoutEpochs(leader));
        }
    }

    private static Map<Long, ByteBuffer> withoutEpochs(ReplicaNode node) {
        Map<Long, ByteBuffer> batches = node.batches(0);
        batches.values().forEach(batch -> batch.putInt(EPOCH_AT, 0));
        return batches;
    }

    private static void fill(ReplicaNode leader, Random random) {
        for (int i = 0; i < BATCHES; i++) {
            var batch = new BatchBuilder(0, Codec.NONE, Codec.DEFAULT_LEVEL);
            for (int records = 1 + random.nextInt(3); records > 0; records--) {
                var value = new byte[random.nextInt(80)];
                random.nextBytes(value);
                batch.add(NOW_MS + i, new byte[] {(byte) i}, value);
            }
            leader.log()
                    .append(
                            batch.build(),
                            new AppendRequest(Origin.CLIENT, i / BATCHES_OF_AN_EPOCH, NOW_MS + i));
        }
    }

    /** Flips a bit of some batch that its CRC covers, or of that CRC, or of a byte before it. */
    private static void flip(ReplicaNode node, int byteOrCrc, Random random) {
        List<Path> logs = logs(node);
        // The pass that finds it looks at closed segments, which all but the last are.
        Path file = logs.get(random.nextInt(logs.size() - 1));
        var bytes = ByteBuffer.wrap(node.disk.bytes(file));
        int skip = random.nextInt(4);
        int at = 0;
        var view = new RecordBatchView().wrap(bytes, at);
        while (skip-- > 0 && at + view.sizeBytes() < bytes.limit() && view.sizeBytes() > 0) {
            at += view.sizeBytes();
            view.wrap(bytes, at);
        }
        int size = Math.clamp(view.sizeBytes(), CRC_AT + 1, bytes.limit() - at);
        int within = byteOrCrc < CRC_AT ? byteOrCrc : CRC_AT + random.nextInt(size - CRC_AT);
        node.disk.flip(file, at + within, random.nextInt(8));
    }

    /** Flips a low bit of the leader epoch of a batch soon before, or behind, the next begins. */
    private static void flipEpoch(ReplicaNode node, Random random) {
        int left = BATCHES_OF_AN_EPOCH * (1 + random.nextInt(2)) + random.nextInt(8) - 6;
        for (Path file : logs(node)) {
            var bytes = ByteBuffer.wrap(node.disk.bytes(file));
            var view = new RecordBatchView();
            for (int at = 0; at < bytes.limit(); at += view.sizeBytes()) {
                view.wrap(bytes, at);
                if (left-- == 0) {
                    node.disk.flip(file, at + EPOCH_AT + 3, random.nextInt(2));
                    return;
                }
            }
        }
    }

    private static List<Path> logs(ReplicaNode node) {
        return node.disk.files().stream()
                .filter(file -> file.toString().endsWith(".log"))
                .filter(file -> node.disk.bytes(file).length > 0)
                .sorted()
                .toList();
    }

    private static void find(ReplicaNode node, Random random) {
        verify(node);
        Set<Long> found = unreadable(node);
        verify(node);
        assertThat(unreadable(node)).isEqualTo(found);
        if (random.nextBoolean()) {
            node.restart(NOW_MS);
        }
    }

    private static void verify(ReplicaNode node) {
        BackgroundWork pass = node.log().planVerification();
        pass.run();
        pass.finish();
    }

    private void repairUntilACrash(ReplicaNode node, ReplicaNode from, Random random) {
        if (random.nextInt(3) > 0) {
            node.disk.crashIn(random.nextInt(12));
        }
        try {
            node.flushAll();
            repair(node, from);
            node.flushAll();
            node.disk.crashIn(-1);
        } catch (SimulatedCrash crash) {
            crashes.incrementAndGet();
            node.disk.crashIn(-1);
            if (random.nextBoolean()) {
                node.disk.losePower();
            } else {
                node.disk.killProcess();
            }
            node.open(NOW_MS);
            // What was found, and not stored yet, is found again by the next pass.
            verify(node);
        }
    }

    private void repair(ReplicaNode node, ReplicaNode from) {
        Quarantine.Range range = node.log().quarantined().getFirst();
        Optional<BackgroundWork.Repair> planned = node.log().planRepair(range);
        if (planned.isEmpty()) {
            return;
        }
        BackgroundWork.Repair repair = planned.get();
        while (!repair.isComplete()) {
            String refusal = repair.take(from.read(repair.nextOffset(), 300));
            if (!refusal.isEmpty()) {
                assertThat(refusal).contains("beside it has the leader epoch").contains("too");
                repair.abandon();
                return;
            }
        }
        repair.run();
        assertThat(repair.finish()).startsWith("repaired");
        (repair.isOfNeighbour() ? neighbours : repairs).incrementAndGet();
    }

    private static Set<Long> unreadable(ReplicaNode node) {
        var offsets = new HashSet<Long>();
        for (Quarantine.Range range : node.log().quarantined()) {
            for (long offset = range.firstOffset(); offset < range.endOffset(); offset++) {
                offsets.add(offset);
            }
        }
        return offsets;
    }
}
