package io.millrace.storage;

import static io.millrace.storage.TestLogs.append;
import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.record.internal.FileRecords;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecoveryTest {
    private static final String FIRST = "00000000000000000000.log";

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
        return logs.open(folder(), TestLogs.smallSegments(2000));
    }

    private static void fill(PartitionLog log, int count) {
        for (int i = 0; i < count; i++) {
            append(log, 100 + log.logEndOffset(), "k=" + log.logEndOffset());
        }
    }

    private static List<String> expected(int count) {
        return java.util.stream.IntStream.range(0, count)
                .mapToObj(i -> "%d:k=%d".formatted(i, i))
                .toList();
    }

    @Test
    void everythingIsThereAfterACleanStop() {
        PartitionLog log = open();
        fill(log, 100);
        log.close(2000);

        PartitionLog again = open();

        assertThat(again.logEndOffset()).isEqualTo(100);
        assertThat(read(again, 0)).isEqualTo(expected(100));
        assertThat(logs.events).isEmpty();
    }

    @Test
    void everythingIsThereAfterTheProcessIsKilled() {
        PartitionLog log = open();
        fill(log, 50);
        log.tick(10_000);
        fill(log, 50);

        PartitionLog again = open();

        assertThat(read(again, 0)).isEqualTo(expected(100));
        fill(again, 1);
        assertThat(read(again, 99)).containsExactly("99:k=99", "100:k=100");
    }

    @Test
    void aTornTailIsCut() throws IOException {
        PartitionLog log = open();
        fill(log, 5);
        long size = Files.size(folder().resolve(FIRST));
        fill(log, 1);
        truncate(folder().resolve(FIRST), size + 10);

        PartitionLog again = open();

        assertThat(again.logEndOffset()).isEqualTo(5);
        assertThat(logs.events).containsExactly("truncated at " + size);
        assertThat(Files.size(folder().resolve(FIRST))).isEqualTo(size);
    }

    private static void truncate(Path file, long size) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    /**
     * A log that is checkpointed at offset 5 and has five more batches of 1000 bytes or so.
     *
     * @return the position of the batch at offset 7
     */
    private long tenBatchesHalfOfThemPastTheLastFlush(Durability durability) throws IOException {
        PartitionLog log = openAs(durability);
        fill(log, 5);
        log.close(2000);
        log = openAs(durability);
        String value = "v".repeat(1000);
        append(log, 100, "k=" + value);
        append(log, 100, "k=" + value);
        long position = Files.size(folder().resolve(FIRST));
        for (int i = 0; i < 3; i++) {
            append(log, 100, "k=" + value);
        }
        return position;
    }

    private PartitionLog openAs(Durability durability) {
        return PartitionLog.open(
                logs.environment(home, durability),
                folder(),
                TestLogs.smallSegments(1 << 20),
                logs,
                1000);
    }

    /** Leaves one whole sector at or after a position as a disk does that never wrote it. */
    private void loseSectorAfter(long position) throws IOException {
        long sector = (position + 511) / 512 * 512;
        try (var channel = FileChannel.open(folder().resolve(FIRST), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(512), sector);
        }
    }

    @Test
    void whatWasWrittenOutOfOrderBeforeAPowerLossIsCutWhereAcknowledgedMeansSynced()
            throws IOException {
        long position = tenBatchesHalfOfThemPastTheLastFlush(Durability.FSYNC);
        loseSectorAfter(position);

        PartitionLog again = openAs(Durability.FSYNC);

        assertThat(again.quarantined()).isEmpty();
        assertThat(again.logEndOffset()).isEqualTo(7);
        assertThat(logs.events).containsExactly("truncated at " + position);
        append(again, 100, "k=after");
        assertThat(read(again, 7)).containsExactly("7:k=after");
    }

    @Test
    void whatWasWrittenOutOfOrderIsQuarantinedWhereItMayHaveBeenAcknowledged() throws IOException {
        loseSectorAfter(tenBatchesHalfOfThemPastTheLastFlush(Durability.OS));

        PartitionLog again = openAs(Durability.OS);

        assertThat(logs.events).containsExactly("quarantined 7-8");
        assertThat(read(again, 8)).hasSize(2);
    }

    /** Five batches of 1000 bytes or so in a log that has no checkpoint yet; the third is torn. */
    private void tearYoungLog() throws IOException {
        PartitionLog log = openAs(Durability.FSYNC);
        for (int i = 0; i < 5; i++) {
            append(log, 100, "k=" + "v".repeat(1000));
        }
        loseSectorAfter(2 * (Files.size(folder().resolve(FIRST)) / 5));
    }

    @Test
    void theTornEndOfALogWithoutACheckpointIsCut() throws IOException {
        tearYoungLog();

        PartitionLog again = openAs(Durability.FSYNC);

        assertThat(again.quarantined()).isEmpty();
        assertThat(again.logEndOffset()).isEqualTo(2);
    }

    @Test
    void whatLooksTornIsQuarantinedWhereTheCheckpointIsDamaged() throws IOException {
        tearYoungLog();
        Files.write(folder().resolve("checkpoint"), new byte[] {1, 2, 3});

        PartitionLog again = openAs(Durability.FSYNC);

        assertThat(logs.events).contains("quarantined 2-3");
        assertThat(again.logEndOffset()).isEqualTo(5);
    }

    @Test
    void aFlippedBitPastTheLastFlushIsNoTornTail() throws IOException {
        long position = tenBatchesHalfOfThemPastTheLastFlush(Durability.FSYNC);
        flip(folder().resolve(FIRST), position + 200);

        PartitionLog again = openAs(Durability.FSYNC);

        assertThat(logs.events).containsExactly("quarantined 7-8");
        assertThat(read(again, 8)).hasSize(2);
    }

    @Test
    void aFlippedBitInTheMiddleIsQuarantinedAndTheRestServed() throws IOException {
        PartitionLog log = open();
        fill(log, 10);
        long batchBytes = Files.size(folder().resolve(FIRST)) / 10;
        flip(folder().resolve(FIRST), 4 * batchBytes + 65);

        PartitionLog again = open();

        assertThat(logs.events).containsExactly("quarantined 4-5");
        assertThat(again.logEndOffset()).isEqualTo(10);
        assertThat(Files.size(folder().resolve(FIRST))).isEqualTo(10 * batchBytes);
        assertThatThrownBy(() -> again.read(4, 10, 1000, true))
                .isInstanceOf(CorruptRangeException.class);
        LogSlice before = again.read(0, 10, 100_000, true);
        assertThat(before.sizeBytes()).isEqualTo(4 * batchBytes);
        before.release();
        assertThat(read(again, 5)).hasSize(5);
    }

    @Test
    void aLookupByTimeThatMeetsDamagedRecordsQuarantinesThem() throws IOException {
        PartitionLog log = open();
        fill(log, 10);
        long batchBytes = Files.size(folder().resolve(FIRST)) / 10;
        flip(folder().resolve(FIRST), 4 * batchBytes + 61);

        var found = log.offsetForTimestamp(104, 10);

        assertThat(logs.events).containsExactly("quarantined 4-5");
        assertThat(found.orElseThrow().offset()).isEqualTo(5);
    }

    @Test
    void aQuarantinedRangeSurvivesARestartAndLaterSegmentsStay() throws IOException {
        PartitionLog log = open();
        fill(log, 100);
        flip(folder().resolve(FIRST), 70);
        open().close(2000);
        logs.events.clear();

        PartitionLog again = open();

        assertThat(again.quarantined()).hasSize(1);
        assertThat(again.logEndOffset()).isEqualTo(100);
        assertThat(read(again, 50)).hasSize(50);
        fill(again, 3);
        assertThat(read(again, 100)).hasSize(3);
    }

    private static void flip(Path file, long position) throws IOException {
        try (var channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 0x10));
            channel.write(one.flip(), position);
        }
    }

    @Test
    void aProducerIsRecognisedAfterTheProcessIsKilled() {
        PartitionLog log = open();
        for (int i = 0; i < 8; i++) {
            send(log, i);
        }

        PartitionLog again = open();

        assertThat(send(again, 7)).isEqualTo(new AppendResult.Duplicate(7, 7, 500));
        assertThat(send(again, 9)).isInstanceOf(AppendResult.Refused.class);
        assertThat(send(again, 8)).isEqualTo(new AppendResult.Appended(8, 8, -1));
    }

    private static AppendResult send(PartitionLog log, int sequence) {
        ByteBuffer batch =
                new BatchBuilder()
                        .producer(5, (short) 0, sequence)
                        .add(500, null, new byte[20])
                        .build();
        return log.append(batch, new AppendRequest(Origin.CLIENT, 0, 500));
    }

    @Test
    void timesAreFoundExactlyAcrossSegments() {
        PartitionLog log = open();
        fill(log, 200);

        for (long offset = 0; offset < 200; offset += 7) {
            assertThat(log.offsetForTimestamp(100 + offset, 200).orElseThrow().offset())
                    .isEqualTo(offset);
        }
        assertThat(log.offsetForTimestamp(300, 200)).isEmpty();
        assertThat(log.offsetOfMaxTimestamp(200).orElseThrow().offset()).isEqualTo(199);
    }

    @Test
    void aReadStartsAtTheBatchThatHoldsTheOffsetAndStopsAtTheEnd() {
        PartitionLog log = open();
        append(log, 1, "a=0", "b=1", "c=2");
        append(log, 1, "d=3");

        assertThat(read(log, 1)).containsExactly("1:b=1", "2:c=2", "3:d=3");
        LogSlice slice = log.read(1, 3, 1, true);
        LogSlice all = log.read(0, 4, 1000, true);
        assertThat(slice.sizeBytes()).isLessThan(all.sizeBytes());
        slice.release();
        all.release();
    }

    @Test
    void deletedRecordsStayDeletedAfterARestart() {
        PartitionLog log = open();
        fill(log, 100);
        assertThat(log.deleteRecordsBefore(60)).isEqualTo(60);
        assertThat(log.retain(1000, 100)).isPositive();

        PartitionLog again = open();

        assertThat(again.logStartOffset()).isEqualTo(60);
        assertThat(read(again, 60)).hasSize(40);
        assertThatThrownBy(() -> again.read(59, 100, 10, true))
                .isInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void flushedOffsetFollowsTheSync() {
        PartitionLog log =
                PartitionLog.open(
                        logs.environment(home, Durability.FSYNC),
                        folder(),
                        LogConfig.defaults(),
                        logs,
                        0);
        fill(log, 10);
        assertThat(log.flushedOffset()).isZero();

        log.requestFlush();

        Awaitility.await().untilAsserted(() -> assertThat(logs.flushed).hasValue(10));
    }

    @Test
    void kafkaReadsTheFiles() throws IOException {
        PartitionLog log = open();
        fill(log, 30);
        log.close(1000);

        try (FileRecords records = FileRecords.open(folder().resolve(FIRST).toFile())) {
            long expected = 0;
            for (var batch : records.batches()) {
                batch.ensureValid();
                assertThat(batch.baseOffset()).isEqualTo(expected);
                expected = batch.nextOffset();
            }
            assertThat(expected).isPositive();
        }
    }

    @Test
    void killsAndTornTailsLoseNothingThatWasWritten() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            var random = new Random(seed);
            Path where = home.resolve("seed" + seed);
            PartitionLog log = logs.open(where, TestLogs.smallSegments(1500));
            for (int step = 0; step < 40; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> log.tick(1000L + step * 6000L);
                    case 1 -> {
                        tear(where, random);
                        log = logs.open(where, TestLogs.smallSegments(1500));
                    }
                    case 2 -> {
                        log.close(1000);
                        log = logs.open(where, TestLogs.smallSegments(1500));
                    }
                    default -> fill(log, random.nextInt(6));
                }
                assertThat(read(log, 0))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(expected((int) log.logEndOffset()));
            }
        }
    }

    /** Garbage after the end of the newest file: a batch that was never finished. */
    private static void tear(Path folder, Random random) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.list(folder)) {
            Path newest =
                    files.filter(file -> file.toString().endsWith(".log"))
                            .sorted()
                            .reduce((a, b) -> b)
                            .orElse(null);
            if (newest != null) {
                byte[] garbage = new byte[random.nextInt(100)];
                random.nextBytes(garbage);
                Files.write(newest, garbage, StandardOpenOption.APPEND);
            }
        }
    }
}
