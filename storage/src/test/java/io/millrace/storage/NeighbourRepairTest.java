package io.millrace.storage;

import static io.millrace.storage.FlippedBits.EPOCH_AT;
import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.plan.Quarantine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A leader epoch, which no CRC covers, changed to that of batches farther on or back: the batches
 * between look bad, and it does not. Seed 879580723 of the clusters' simulation.
 */
final class NeighbourRepairTest {
    private static final int LOWEST_EPOCH_BYTE = EPOCH_AT + 3;
    private static final int BATCH_BYTES = 61 + 10;
    private static final String SEGMENT = "00000000000000000000.log";

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private PartitionLog open(String name, int batchesPerSegment) {
        return logs.open(
                home.resolve(name), TestLogs.smallSegments(batchesPerSegment * BATCH_BYTES));
    }

    private static void fill(PartitionLog log, int epoch, long from, long to) {
        for (long offset = from; offset < to; offset++) {
            ByteBuffer batch =
                    new BatchBuilder(offset, Codec.NONE, Codec.DEFAULT_LEVEL)
                            .leaderEpoch(epoch)
                            .add(1000, utf8("k"), utf8("%02d".formatted(offset)))
                            .build();
            assertThat(log.appendAsReplica(batch, 1000)).isInstanceOf(ReplicaAppend.Appended.class);
        }
    }

    /** Both replicas have epoch 0 up to an offset, and epoch 1 from there on. */
    private PartitionLog filled(String name, int perSegment, long secondFrom, long end) {
        PartitionLog log = open(name, perSegment);
        fill(log, 0, 0, secondFrom);
        fill(log, 1, secondFrom, end);
        return log;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void flip(long offset, int perSegment) throws IOException {
        long base = offset / perSegment * perSegment;
        Path file = home.resolve("bad-0").resolve("%020d.log".formatted(base));
        FlippedBits.flip(file, offset, LOWEST_EPOCH_BYTE, 0);
    }

    private static void verify(PartitionLog log) {
        BackgroundWork pass = log.planVerification();
        pass.run();
        pass.finish();
    }

    /** Repairs the first bad range of a log, or what is beside it; returns what was told. */
    private static String repair(PartitionLog log, PartitionLog from) {
        return repair(log, log.quarantined().getFirst(), from);
    }

    private static String repair(PartitionLog log, Quarantine.Range bad, PartitionLog from) {
        BackgroundWork.Repair repair = log.planRepair(bad).orElseThrow();
        while (!repair.isComplete()) {
            LogSlice slice = from.read(repair.nextOffset(), from.logEndOffset(), 300, true);
            String refusal = repair.take(slice.read());
            slice.release();
            if (!refusal.isEmpty()) {
                repair.abandon();
                return refusal;
            }
        }
        repair.run();
        return repair.finish();
    }

    private static void repairAll(PartitionLog log, PartitionLog from) {
        for (int tries = 0; !log.quarantined().isEmpty(); tries++) {
            assertThat(tries).isLessThan(10);
            repair(log, from);
        }
    }

    private void isAs(PartitionLog repaired, PartitionLog good, int perSegment) throws IOException {
        long end = good.logEndOffset();
        List<String> expected =
                LongStream.range(0, end).mapToObj(i -> "%d:k=%02d".formatted(i, i)).toList();
        assertThat(read(repaired, 0)).isEqualTo(expected);
        for (long offset = 0; offset < end; offset++) {
            assertThat(repaired.epochAt(offset)).isEqualTo(good.epochAt(offset));
        }
        for (long base = 0; base < end; base += perSegment) {
            String name = "%020d.log".formatted(base);
            assertThat(Files.readAllBytes(home.resolve("bad-0").resolve(name)))
                    .isEqualTo(Files.readAllBytes(home.resolve("good-0").resolve(name)));
        }
    }

    private void isRepairedForGood(PartitionLog repaired, PartitionLog good, int perSegment)
            throws IOException {
        isAs(repaired, good, perSegment);
        verify(repaired);
        assertThat(repaired.quarantined()).isEmpty();
        logs.events.clear();
        isAs(open("bad-0", perSegment), good, perSegment);
        assertThat(logs.events).isEmpty();
    }

    /** Of the offsets 7 to {@code secondFrom - 1}, which are good; 6 has the epoch behind them. */
    @ParameterizedTest
    @ValueSource(ints = {8, 9, 10})
    void anEpochAheadOfItsTimeIsRepairedWhereRecoveryFoundWhatIsBehindIt(int secondFrom)
            throws IOException {
        PartitionLog good = filled("good-0", 100, secondFrom, 30);
        filled("bad-0", 100, secondFrom, 30);
        flip(6, 100);
        PartitionLog bad = open("bad-0", 100);
        assertThat(bad.quarantined()).isNotEmpty();
        assertThat(bad.quarantined().getFirst().firstOffset()).isEqualTo(7);
        assertThat(bad.epochAt(7)).isEqualTo(1);

        assertThat(repair(bad, good))
                .isEqualTo("repaired the leader epoch of the offsets 6 to 6, which is 0 and not 1");
        repairAll(bad, good);

        isRepairedForGood(bad, good, 30);
    }

    /** The log knows its epochs, but does not trust what is stored. */
    @Test
    void anEpochAheadOfItsTimeIsRepairedWhereAPassFoundWhatIsBehindIt() throws IOException {
        PartitionLog good = filled("good-0", 15, 10, 40);
        PartitionLog bad = filled("bad-0", 15, 10, 40);
        flip(6, 15);
        for (int passes = 0; passes < 3; passes++) {
            verify(bad);
            assertThat(bad.quarantined())
                    .extracting(Quarantine.Range::firstOffset)
                    .containsExactly(7L);
        }

        repairAll(bad, good);

        isRepairedForGood(bad, good, 15);
    }

    @Test
    void itMayBeTheLastOfTheSegmentBefore() throws IOException {
        PartitionLog good = filled("good-0", 7, 8, 40);
        filled("bad-0", 7, 8, 40);
        flip(6, 7);
        PartitionLog bad = open("bad-0", 7);
        assertThat(bad.quarantined().getFirst().firstOffset()).isEqualTo(7);

        repairAll(bad, good);

        isRepairedForGood(bad, good, 7);
    }

    /** Offset 8 is the first of epoch 1, and 9, the last, has epoch 0: 8 looks too new. */
    @ParameterizedTest
    @ValueSource(ints = {100, 9})
    void anEpochBehindItsTimeIsRepairedToo(int perSegment) throws IOException {
        PartitionLog good = filled("good-0", perSegment, 8, 10);
        filled("bad-0", perSegment, 8, 10);
        flip(9, perSegment);
        PartitionLog bad = open("bad-0", perSegment);
        if (bad.quarantined().isEmpty()) {
            verify(bad);
        }
        assertThat(bad.quarantined()).extracting(Quarantine.Range::firstOffset).containsOnly(8L);

        assertThat(repair(bad, good))
                .isEqualTo("repaired the leader epoch of the offsets 9 to 9, which is 1 and not 0");
        repairAll(bad, good);

        isRepairedForGood(bad, good, perSegment);
    }

    /** Its epoch is as bad as the rest of it: the neighbour is asked for in vain. */
    @Test
    void aRangeThatIsBadItselfIsRepairedThoughItsNeighbourIsDoubted() throws IOException {
        PartitionLog good = filled("good-0", 15, 5, 40);
        PartitionLog bad = filled("bad-0", 15, 5, 40);
        flip(7, 15);
        verify(bad);
        assertThat(bad.quarantined().getFirst().firstOffset()).isEqualTo(7);

        assertThat(repair(bad, good))
                .isEqualTo("the batch at 6 beside it has the leader epoch 1 there, too");
        assertThat(repair(bad, good)).startsWith("repaired the offsets 7 to 7");

        isRepairedForGood(bad, good, 15);
    }

    /** The pass knows what the segment before ends with. */
    @Test
    void anEpochAheadOfItsTimeAtTheEndOfASegmentIsFoundByAPass() throws IOException {
        PartitionLog good = filled("good-0", 7, 8, 40);
        PartitionLog bad = filled("bad-0", 7, 8, 40);
        flip(6, 7);
        verify(bad);
        assertThat(bad.quarantined()).extracting(Quarantine.Range::firstOffset).containsExactly(7L);

        repairAll(bad, good);

        isRepairedForGood(bad, good, 7);
    }

    /** The first batch of epoch 2 looks like one of epoch 3, and so does what is known of both. */
    @Test
    void anEpochThatTheBatchBeganItselfIsKnownAfterACrash() throws IOException {
        for (String name : List.of("good-0", "bad-0")) {
            PartitionLog log = open(name, 100);
            fill(log, 0, 0, 6);
            fill(log, 2, 6, 8);
            fill(log, 3, 8, 30);
        }
        PartitionLog good = open("good-0", 100);
        flip(6, 100);
        PartitionLog bad = open("bad-0", 100);
        assertThat(bad.epochAt(6)).isEqualTo(3);

        assertThat(repair(bad, good)).contains("which is 2 and not 3");
        PartitionLog again = open("bad-0", 100);
        assertThat(again.epochAt(6)).isEqualTo(2);
        assertThat(again.epochAt(8)).isEqualTo(3);

        repairAll(bad, good);
        isRepairedForGood(bad, good, 30);
    }

    /** Every other turn is the range's, whatever becomes of another between them. */
    @Test
    void twoRangesDoNotKeepEachOtherFromTheirTurns() throws IOException {
        PartitionLog good = filled("good-0", 30, 5, 80);
        PartitionLog bad = filled("bad-0", 30, 5, 80);
        flip(7, 30);
        FlippedBits.flip(home.resolve("bad-0").resolve(SEGMENT), 20, BATCH_BYTES - 3, 2);
        verify(bad);
        assertThat(bad.quarantined()).hasSize(2);
        Quarantine.Range doubting = bad.quarantined().getFirst();
        Quarantine.Range other = bad.quarantined().getLast();

        assertThat(repair(bad, doubting, good)).contains("there, too");
        bad.planRepair(other).orElseThrow().abandon();

        assertThat(repair(bad, doubting, good)).startsWith("repaired the offsets 7 to 7");
        assertThat(repair(bad, good)).startsWith("repaired the offsets 20 to 20");
        isRepairedForGood(bad, good, 30);
    }

    /** Compaction there may have left nothing of it. */
    @Test
    void aNeighbourThatIsNotThereIsNoReplacement() throws IOException {
        filled("bad-0", 100, 8, 30);
        flip(6, 100);
        PartitionLog bad = open("bad-0", 100);
        BackgroundWork.Repair repair = bad.planRepair(bad.quarantined().getFirst()).orElseThrow();
        ByteBuffer behind =
                new BatchBuilder(7, Codec.NONE, Codec.DEFAULT_LEVEL)
                        .leaderEpoch(0)
                        .add(1000, utf8("k"), utf8("07"))
                        .build();

        assertThat(repair.take(behind)).isEqualTo("the batch at 6 beside it is not there");
        assertThat(repair.isComplete()).isFalse();
        repair.abandon();
    }

    /** Another history may have the same offsets. */
    @Test
    void anotherBatchDoesNotTakeTheNeighboursPlace() throws IOException {
        filled("bad-0", 100, 8, 30);
        flip(6, 100);
        PartitionLog bad = open("bad-0", 100);
        BackgroundWork.Repair repair = bad.planRepair(bad.quarantined().getFirst()).orElseThrow();
        assertThat(repair.nextOffset()).isEqualTo(6);
        ByteBuffer changed =
                new BatchBuilder(6, Codec.NONE, Codec.DEFAULT_LEVEL)
                        .leaderEpoch(0)
                        .add(1000, utf8("k"), utf8("xx"))
                        .build();

        assertThat(repair.take(changed)).isEqualTo("the batch at 6 beside it is another there");
    }
}
