package io.millrace.storage;

import static io.millrace.storage.FlippedBits.EPOCH_AT;
import static io.millrace.storage.FlippedBits.LENGTH_AT;
import static io.millrace.storage.FlippedBits.LOWEST_OFFSET_BYTE;
import static io.millrace.storage.FlippedBits.MAGIC_AT;
import static io.millrace.storage.TestLogs.append;
import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bits of a batch's header that its CRC does not cover: base offset, length and leader epoch. */
final class FlippedHeaderTest {
    private static final String FIRST = "00000000000000000000.log";
    private static final int EPOCH = 3;

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private Path folder() {
        return home.resolve("t-0");
    }

    private PartitionLog open() {
        return open(1 << 20, false);
    }

    private PartitionLog open(int segmentBytes, boolean compacted) {
        LogConfig config = TestLogs.smallSegments(segmentBytes);
        var compaction = config.retention().compaction();
        return logs.open(
                folder(),
                config.withRetention(
                        new LogConfig.Retention(!compacted, compacted, -1, -1, compaction)));
    }

    private static ByteBuffer batch(long offset, int epoch, int records) {
        var builder = new BatchBuilder(offset, Codec.NONE, Codec.DEFAULT_LEVEL).leaderEpoch(epoch);
        for (int i = 0; i < records; i++) {
            builder.add(1000, utf8("k"), utf8("v" + (offset + i)));
        }
        return builder.build();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Appends batches of one record at these offsets, as a follower does. */
    private static void fill(PartitionLog log, int epoch, long... offsets) {
        for (long offset : offsets) {
            assertThat(log.appendAsReplica(batch(offset, epoch, 1), 1000))
                    .isInstanceOf(ReplicaAppend.Appended.class);
        }
    }

    private static long[] offsets(long from, long to) {
        return LongStream.range(from, to).toArray();
    }

    private void flip(long offset, int at, int bit) throws IOException {
        FlippedBits.flip(folder().resolve(FIRST), offset, at, bit);
    }

    private static List<String> lines(long from, long to) {
        return LongStream.range(from, to).mapToObj(i -> "%d:k=v%d".formatted(i, i)).toList();
    }

    private void onlyIsQuarantined(PartitionLog log, long offset, long end) {
        assertThat(logs.events).containsExactly("quarantined %d-%d".formatted(offset, offset + 1));
        assertThat(log.logEndOffset()).isEqualTo(end);
        assertThatThrownBy(() -> log.read(offset, end, 1000, true))
                .isInstanceOf(CorruptRangeException.class);
        assertThat(read(log, offset + 1)).isEqualTo(lines(offset + 1, end));
        for (long before = 0; before < offset; before++) {
            LogSlice slice = log.read(before, end, 1, true);
            assertThat(slice.read().getLong(0)).isEqualTo(before);
            slice.release();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5, 7})
    void aBatchThatJumpsAheadOfGoodOnesIsBadAndNotTheyByRecovery(int bit) throws IOException {
        fill(open(), EPOCH, offsets(0, 40));
        flip(8, LOWEST_OFFSET_BYTE, bit);

        PartitionLog again = open();

        onlyIsQuarantined(again, 8, 40);
        fill(again, EPOCH, 40);
        logs.events.clear();
        assertThat(open().quarantined()).hasSize(1);
        assertThat(logs.events).containsExactly("quarantined 8-9");
    }

    @Test
    void aBatchThatFallsBackIsBad() throws IOException {
        fill(open(), EPOCH, offsets(0, 40));
        flip(8, LOWEST_OFFSET_BYTE, 3);

        onlyIsQuarantined(open(), 8, 40);
    }

    @Test
    void theReadThatFindsABadBatchIsNotGivenTheOneAfterIt() throws IOException {
        PartitionLog log = open();
        fill(log, EPOCH, offsets(0, 40));
        log.close(2000);
        flip(8, MAGIC_AT, 0);

        PartitionLog again = open();

        assertThat(again.quarantined()).isEmpty();
        assertThatThrownBy(() -> again.read(8, 40, 1000, true))
                .isInstanceOf(CorruptRangeException.class);
        onlyIsQuarantined(again, 8, 40);
    }

    @Test
    void twoSuchBatchesSideBySideAreBad() throws IOException {
        fill(open(), EPOCH, offsets(0, 20));
        flip(8, LOWEST_OFFSET_BYTE - 1, 1);
        flip(9, LOWEST_OFFSET_BYTE - 1, 2);

        PartitionLog again = open();

        assertThat(again.logEndOffset()).isEqualTo(20);
        assertThat(read(again, 10)).isEqualTo(lines(10, 20));
        assertThat(again.quarantined())
                .allMatch(range -> range.firstOffset() >= 8 && range.endOffset() <= 10);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 20})
    void theLastBatchOfALogIsNotMovedToAnOffsetThatIsOneBitAway(int bit) throws IOException {
        fill(open(), EPOCH, offsets(0, 9));
        flip(8, LOWEST_OFFSET_BYTE - bit / 8, bit % 8);

        onlyIsQuarantined(open(), 8, 9);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 40, 63})
    void theLastBatchOfALogIsNotCutAsTornWhereItsOffsetCannotBe(int bit) throws IOException {
        fill(open(), EPOCH, offsets(0, 9));
        flip(8, LOWEST_OFFSET_BYTE - bit / 8, bit % 8);

        onlyIsQuarantined(open(), 8, 9);
    }

    @Test
    void theLastBatchBeforeTheCheckpointEndsWhereItDid() throws IOException {
        PartitionLog log = open(1 << 20, true);
        fill(log, EPOCH, 0, 4, 9);
        log.close(2000);
        flip(9, LOWEST_OFFSET_BYTE - 1, 0);
        Files.write(folder().resolve(FIRST), new byte[10], StandardOpenOption.APPEND);

        PartitionLog again = open(1 << 20, true);

        assertThat(logs.events.getFirst()).isEqualTo("quarantined 5-10");
        assertThat(again.logEndOffset()).isEqualTo(10);
    }

    @Test
    void theLastBatchOfASegmentEndsBeforeTheNextOne() throws IOException {
        fill(open(600, false), EPOCH, offsets(0, 40));
        long next = secondSegment();
        flip(next - 1, LOWEST_OFFSET_BYTE - 1, 0);

        onlyIsQuarantined(open(600, false), next - 1, 40);
    }

    private long secondSegment() throws IOException {
        try (var files = Files.list(folder())) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".log"))
                    .mapToLong(name -> Long.parseLong(name.substring(0, 20)))
                    .filter(base -> base > 0)
                    .min()
                    .orElseThrow();
        }
    }

    @Test
    void gapsAreNoDamage() throws IOException {
        PartitionLog log = open(1 << 20, true);
        fill(log, EPOCH, 0, 1, 3, 7, 8, 12, 20, 21, 53);
        fill(log, EPOCH + 1, 90, 91, 128);
        List<String> before = readThrough(log, 129);

        PartitionLog again = open(1 << 20, true);

        assertThat(logs.events).isEmpty();
        assertThat(readThrough(again, 129)).isEqualTo(before).hasSize(12);
        again.close(1000);
        var verification = again.planVerification();
        verification.run();
        verification.finish();
        assertThat(logs.events).isEmpty();
    }

    private static List<String> readThrough(PartitionLog log, long end) {
        var lines = new ArrayList<String>();
        for (long offset = 0; offset < end; offset++) {
            LogSlice slice = log.read(offset, end, 1, true);
            long base = slice.read().getLong(0);
            slice.release();
            if (lines.isEmpty() || !lines.getLast().equals("at " + base)) {
                lines.add("at " + base);
            }
        }
        return lines;
    }

    @Test
    void aJumpAmongGapsIsBadIfWhatFollowsHasNoRoomBehindIt() throws IOException {
        fill(open(1 << 20, true), EPOCH, 0, 5, 9, 12, 16, 20);
        flip(5, LOWEST_OFFSET_BYTE - 1, 1);

        PartitionLog again = open(1 << 20, true);

        assertThat(logs.events).containsExactly("quarantined 1-9");
        assertThat(read(again, 9)).hasSize(4);
    }

    @Test
    void aBatchThatFallsBackIntoAGapBeforeItIsBadAndNotTheOneBeforeTheGap() throws IOException {
        fill(open(1 << 20, true), EPOCH, 0, 40, 41, 42, 43);
        flip(41, LOWEST_OFFSET_BYTE, 5);

        PartitionLog again = open(1 << 20, true);

        assertThat(logs.events).containsExactly("quarantined 41-42");
        assertThat(read(again, 42)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 0})
    void aLeaderEpochThatRisesOrFallsForOneBatchOnlyIsBad(int bit) throws IOException {
        fill(open(), EPOCH, offsets(0, 20));
        flip(8, EPOCH_AT + 3, bit);

        PartitionLog again = open();

        onlyIsQuarantined(again, 8, 20);
        assertThat(again.latestEpoch()).isEqualTo(EPOCH);
        assertThat(again.epochAt(12)).isEqualTo(EPOCH);
    }

    @Test
    void aLeaderEpochThatRisesForTheLastBatchOfASegmentIsBad() throws IOException {
        fill(open(600, false), EPOCH, offsets(0, 40));
        long next = secondSegment();
        flip(next - 1, EPOCH_AT, 1);

        PartitionLog again = open(600, false);

        onlyIsQuarantined(again, next - 1, 40);
        assertThat(again.latestEpoch()).isEqualTo(EPOCH);
    }

    @Test
    void epochsThatRiseForGoodAreNoDamage() throws IOException {
        PartitionLog log = open();
        for (int epoch = 0; epoch < 9; epoch++) {
            fill(log, epoch, epoch);
        }

        PartitionLog again = open();

        assertThat(logs.events).isEmpty();
        assertThat(again.latestEpoch()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 12, 30})
    void aLengthThatIsWrongCostsItsBatchOnly(int bit) throws IOException {
        fill(open(), EPOCH, offsets(0, 20));
        flip(8, LENGTH_AT + 3 - bit / 8, bit % 8);

        onlyIsQuarantined(open(), 8, 20);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 12, 31})
    void aLastBatchWithAWrongLengthIsNotCutAsTorn(int bit) throws IOException {
        fill(open(), EPOCH, offsets(0, 9));
        flip(8, LENGTH_AT + 3 - bit / 8, bit % 8);

        onlyIsQuarantined(open(), 8, 9);
    }

    @Test
    void aLastBatchOfAnUnknownFormatIsNotCutAsTorn() throws IOException {
        fill(open(), EPOCH, offsets(0, 9));
        flip(8, MAGIC_AT, 6);

        onlyIsQuarantined(open(), 8, 9);
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, LENGTH_AT + 3, EPOCH_AT, EPOCH_AT + 3})
    void thePassOverClosedSegmentsFindsThem(int at) throws IOException {
        PartitionLog log = open(600, false);
        fill(log, EPOCH, offsets(0, 40));
        flip(3, at, 2);

        var verification = log.planVerification();
        verification.run();
        verification.finish();

        onlyIsQuarantined(log, 3, 40);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6, 7, LENGTH_AT + 2, LENGTH_AT + 3})
    void theReadThatMeetsOneFindsIt(int at) throws IOException {
        PartitionLog log = open(600, false);
        fill(log, EPOCH, offsets(0, 40));
        log.close(1000);
        log = open(600, false);
        flip(3, at, 0);

        LogSlice behind = log.read(4, 40, 1, true);

        assertThat(behind.read().getLong(0)).isEqualTo(4);
        behind.release();
        onlyIsQuarantined(log, 3, 40);
    }

    @Test
    void aLogThatACrashHasLeftBehindAFlipTakesAppends() throws IOException {
        PartitionLog log = open();
        for (int i = 0; i < 9; i++) {
            append(log, 1000, "k=v" + i);
        }
        flip(8, LOWEST_OFFSET_BYTE - 1, 1);

        PartitionLog again = open();
        append(again, 1000, "k=v9");

        assertThat(read(again, 9)).containsExactly("9:k=v9");
        logs.events.clear();
        onlyIsQuarantined(open(), 8, 10);
    }
}
