package io.millrace.storage;

import static io.millrace.storage.TestLogs.append;
import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log is checkpointed at offset 2 and goes on in three segments of three batches each, of which
 * none was synced when power went: what of them is on disk is for chance to say.
 */
final class TornRollTest {
    private static final int BATCH_BYTES = 1000;
    private static final int BATCHES_A_SEGMENT = 3;

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private Path segment(long base) {
        return home.resolve("t-0").resolve("%020d.log".formatted(base));
    }

    private PartitionLog open(Durability durability, LogConfig config) {
        return PartitionLog.open(
                logs.environment(home, durability), home.resolve("t-0"), config, logs, 1000);
    }

    private PartitionLog open(Durability durability) {
        return open(durability, TestLogs.smallSegments(BATCHES_A_SEGMENT * BATCH_BYTES));
    }

    private static void fill(PartitionLog log, int batches) {
        int without = BATCH_BYTES - 80;
        for (int i = 0; i < batches; i++) {
            append(log, 100, "k=" + "v".repeat(without));
        }
    }

    private void threeSegments(Durability durability) {
        PartitionLog log = open(durability);
        fill(log, 2);
        log.close(2000);
        fill(open(durability), 3 * BATCHES_A_SEGMENT - 2);
        assertThat(List.of(segment(0), segment(3), segment(6))).allMatch(Files::exists);
    }

    private long batchBytes() throws IOException {
        return Files.size(segment(0)) / BATCHES_A_SEGMENT;
    }

    private static void truncate(Path file, long size) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    private static void overwrite(Path file, byte[] bytes, long position) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
        }
    }

    /** The log ends where the older segment does, and is one that can be used. */
    private void isCutAt(PartitionLog log, long end) {
        assertThat(log.quarantined()).isEmpty();
        assertThat(log.logEndOffset()).isEqualTo(end);
        append(log, 100, "k=after");
        assertThat(read(log, end)).containsExactly(end + ":k=after");
        logs.events.clear();
        PartitionLog again = open(Durability.FSYNC);
        assertThat(again.logEndOffset()).isEqualTo(end + 1);
        assertThat(logs.events).isEmpty();
    }

    @Test
    void whatFollowsASegmentThatLostItsUnsyncedEndIsCut() throws IOException {
        threeSegments(Durability.FSYNC);
        truncate(segment(0), 2 * batchBytes());

        PartitionLog log = open(Durability.FSYNC);

        assertThat(logs.events).containsExactly("truncated at 0", "truncated at 0");
        assertThat(segment(3)).doesNotExist();
        assertThat(segment(6)).doesNotExist();
        isCutAt(log, 2);
    }

    @Test
    void whatFollowsASegmentThatLostAllItsBytesIsCut() throws IOException {
        threeSegments(Durability.FSYNC);
        truncate(segment(3), 0);

        PartitionLog log = open(Durability.FSYNC);

        assertThat(segment(6)).doesNotExist();
        isCutAt(log, 3);
    }

    @Test
    void whatFollowsASegmentThatEndsWithinABatchIsCut() throws IOException {
        threeSegments(Durability.FSYNC);
        long position = 2 * batchBytes();
        truncate(segment(0), position + batchBytes() / 2);

        PartitionLog log = open(Durability.FSYNC);

        assertThat(logs.events)
                .containsExactly("truncated at " + position, "truncated at 0", "truncated at 0");
        isCutAt(log, 2);
    }

    @Test
    void whatFollowsASectorThatWasNeverWrittenIsCutWithTheSegmentsBehindIt() throws IOException {
        threeSegments(Durability.FSYNC);
        overwrite(segment(3), new byte[512], 512);

        PartitionLog log = open(Durability.FSYNC);

        assertThat(logs.events).containsExactly("truncated at 0", "truncated at 0");
        isCutAt(log, 3);
    }

    @Test
    void aFlippedBitInTheLastBatchOfASegmentIsNoTornTail() throws IOException {
        threeSegments(Durability.FSYNC);

        onlyTheBatchAt5IsBadOnceItHas((byte) 'V', 500);
    }

    /** The batch says that it is longer than its file, and its CRC that it is not. */
    @Test
    void aFlippedLengthInTheLastBatchOfASegmentIsNoTornTail() throws IOException {
        threeSegments(Durability.FSYNC);

        onlyTheBatchAt5IsBadOnceItHas((byte) 0x10, 8 + 2);
    }

    private void onlyTheBatchAt5IsBadOnceItHas(byte changed, int at) throws IOException {
        overwrite(segment(3), new byte[] {changed}, 2 * batchBytes() + at);

        PartitionLog log = open(Durability.FSYNC);

        assertThat(logs.events).containsExactly("quarantined 5-6");
        assertThat(read(log, 6)).hasSize(BATCHES_A_SEGMENT);
    }

    @Test
    void whatWasFlushedIsMissedAndNotCut() throws IOException {
        threeSegments(Durability.FSYNC);
        truncate(segment(0), batchBytes());

        PartitionLog log = open(Durability.FSYNC);

        assertThat(logs.events).containsExactly("quarantined 1-3");
        assertThat(read(log, 3)).hasSize(2 * BATCHES_A_SEGMENT);
    }

    @Test
    void nothingIsCutWhereWhatWasWrittenIsAcknowledged() throws IOException {
        keepsWhatFollowsALostEnd(Durability.OS);
    }

    /** What is past the last checkpoint was acknowledged when it was written. */
    @Test
    void nothingIsCutThatWasAcknowledgedBeforeTheDurabilityWasRaised() throws IOException {
        keepsWhatFollowsALostEnd(Durability.FSYNC);
    }

    private void keepsWhatFollowsALostEnd(Durability now) throws IOException {
        threeSegments(Durability.OS);
        truncate(segment(0), 2 * batchBytes());

        PartitionLog log = open(now);

        assertThat(logs.events).containsExactly("quarantined 2-3");
        assertThat(read(log, 3)).hasSize(2 * BATCHES_A_SEGMENT);
    }

    @Test
    void nothingIsCutWhereTheCheckpointIsDamaged() throws IOException {
        threeSegments(Durability.FSYNC);
        truncate(segment(3), 2 * batchBytes());
        Files.write(home.resolve("t-0").resolve("checkpoint"), new byte[] {1, 2, 3});

        PartitionLog log = open(Durability.FSYNC);

        assertThat(logs.events).contains("quarantined 5-6");
        assertThat(read(log, 6)).hasSize(BATCHES_A_SEGMENT);
    }

    /** Nothing was compacted there: such a gap would be known. */
    @Test
    void aCompactedLogIsCutLikewise() throws IOException {
        threeSegments(Durability.FSYNC);
        truncate(segment(3), 2 * batchBytes());

        PartitionLog log = open(Durability.FSYNC, compacted());

        assertThat(logs.events).containsExactly("truncated at 0");
        isCutAt(log, 5);
    }

    private static LogConfig compacted() {
        LogConfig small = TestLogs.smallSegments(BATCHES_A_SEGMENT * BATCH_BYTES);
        var compaction = new LogConfig.Compaction(0.01, 0, Long.MAX_VALUE, 1000);
        return small.withRetention(new LogConfig.Retention(false, true, -1, -1, compaction));
    }

    /** Killed before the checkpoint that comes after a compaction, as the one of before shows. */
    @Test
    void aGapThatCompactionHasLeftIsNone() throws IOException {
        threeSegments(Durability.FSYNC);
        PartitionLog log = open(Durability.FSYNC, compacted());
        Path checkpoint = home.resolve("t-0").resolve("checkpoint");
        byte[] before = Files.readAllBytes(checkpoint);
        BackgroundWork work = log.planCompaction(200, 9, 1 << 20).orElseThrow();
        work.run();
        work.finish();
        assertThat(segment(0)).isEmptyFile();
        Files.write(checkpoint, before);

        PartitionLog again = open(Durability.FSYNC, compacted());

        assertThat(logs.events).isEmpty();
        assertThat(again.logEndOffset()).isEqualTo(9);
        assertThat(read(again, 5)).hasSize(1 + BATCHES_A_SEGMENT);
    }

    /** An older version did not keep what it had compacted. */
    @Test
    void aGapIsNoneWhereItIsNotKnownWhatWasCompacted() throws IOException {
        threeSegments(Durability.FSYNC);
        open(Durability.FSYNC, compacted()).close(1000);
        truncate(segment(3), 2 * batchBytes());
        Path kept = home.resolve("t-0").resolve("rewritten");
        Files.write(kept, new byte[] {1});

        PartitionLog log = open(Durability.FSYNC, compacted());

        assertThat(logs.events).singleElement().asString().contains("is damaged");
        assertThat(log.quarantined()).isEmpty();
        assertThat(read(log, 6)).hasSize(BATCHES_A_SEGMENT);
    }

    /** Each sector of its value is as a disk leaves one that it never wrote. */
    @Test
    void aFlippedBitAmongZerosIsNoTornTail() throws IOException {
        PartitionLog log = open(Durability.FSYNC);
        append(log, 100, "k=v");
        log.close(2000);
        log = open(Durability.FSYNC);
        long position = Files.size(segment(0));
        for (int i = 0; i < 3; i++) {
            append(log, 100, "k=" + "\0".repeat(1400));
        }
        assertThat(segment(2)).exists();
        overwrite(segment(0), new byte[] {4}, position + 700);

        PartitionLog again = open(Durability.FSYNC);

        assertThat(logs.events).containsExactly("quarantined 1-2");
        assertThat(again.logEndOffset()).isEqualTo(4);
    }
}
