package io.millrace.storage;

import static io.millrace.storage.TestLogs.append;
import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.plan.Quarantine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompactionTest {
    private static final long DELETE_RETENTION_MS = 10_000;

    private final TestLogs logs = new TestLogs();
    @TempDir Path folder = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private PartitionLog open() {
        return logs.open(folder.resolve("t-0"), config(false, -1));
    }

    private static LogConfig config(boolean delete, long retentionMs) {
        var compaction = new LogConfig.Compaction(0.01, 0, Long.MAX_VALUE, DELETE_RETENTION_MS);
        return TestLogs.smallSegments(400)
                .withRetention(new LogConfig.Retention(delete, true, retentionMs, -1, compaction));
    }

    private static boolean compact(PartitionLog log, long nowMs) throws IOException {
        var planned = log.planCompaction(nowMs, log.logEndOffset(), 1 << 20);
        if (planned.isEmpty()) {
            return false;
        }
        planned.get().run();
        planned.get().finish();
        return true;
    }

    @Test
    void theLatestRecordOfEachKeySurvivesWithItsOffset() throws IOException {
        PartitionLog log = open();
        for (int i = 0; i < 60; i++) {
            append(log, 100, "k" + i % 3 + "=v" + i);
        }

        assertThat(compact(log, 200)).isTrue();

        List<String> left = read(log, 0);
        assertThat(left).hasSizeLessThan(15);
        assertThat(left.subList(left.size() - 3, left.size()))
                .containsExactly("57:k0=v57", "58:k1=v58", "59:k2=v59");
    }

    /** The process was killed between the first append and the checkpoint after it. */
    @Test
    void aCompactedLogWhoseCheckpointIsOlderThanItsFirstSegmentIsRead() throws IOException {
        Path checkpoint = folder.resolve("t-0/checkpoint");
        PartitionLog log = open();
        log.restartAt(7);
        log.close(100);
        byte[] beforeTheFirst = Files.readAllBytes(checkpoint);
        log = open();
        append(log, 100, "k=v");
        log.close(100);
        Files.write(checkpoint, beforeTheFirst);

        PartitionLog again = open();

        assertThat(read(again, 7)).containsExactly("7:k=v");
    }

    @Test
    void aCompactionThatMeetsNoBatchEndsAndLosesNothingBehindIt() throws IOException {
        PartitionLog log = open();
        for (int i = 0; i < 60; i++) {
            append(log, 100, "k" + i + "=v" + i);
        }
        Path first = folder.resolve("t-0/00000000000000000000.log");
        byte[] bytes = Files.readAllBytes(first);
        int second = 12 + ByteBuffer.wrap(bytes).getInt(8);
        bytes[second + 16] ^= 4;
        Files.write(first, bytes);

        BackgroundWork compaction =
                log.planCompaction(200, log.logEndOffset(), 1 << 20).orElseThrow();

        assertThatThrownBy(compaction::run)
                .hasStackTraceContaining("what lies at byte %d is no batch", second);
        assertThat(compaction.finish()).isEmpty();
        assertThat(Files.readAllBytes(first)).isEqualTo(bytes);
        assertThat(read(log, 2)).hasSize(58);
    }

    @Test
    void aBatchThatClaimsOffsetsOfTheNextSegmentEndsACompaction() throws IOException {
        PartitionLog log = open();
        for (int i = 0; i < 60; i++) {
            append(log, 100, "k" + i + "=v" + i);
        }
        Path first = folder.resolve("t-0/00000000000000000000.log");
        byte[] bytes = Files.readAllBytes(first);
        int last = bytes.length - 12 - ByteBuffer.wrap(bytes).getInt(8);
        bytes[last + 6] ^= 1;
        Files.write(first, bytes);

        BackgroundWork compaction =
                log.planCompaction(200, log.logEndOffset(), 1 << 20).orElseThrow();

        assertThatThrownBy(compaction::run).isInstanceOf(StorageException.class);
    }

    @Test
    void tombstonesGoAfterTheirRetention() throws IOException {
        PartitionLog log = open();
        append(log, 100, "gone=1");
        append(log, 100, "gone");
        fill(log, 10);
        compact(log, 1000);
        assertThat(read(log, 0)).contains("1:gone=null").doesNotContain("0:gone=1");

        fill(log, 10);
        compact(log, 1000 + DELETE_RETENTION_MS - 1);
        assertThat(read(log, 0)).contains("1:gone=null");

        fill(log, 10);
        compact(log, 1000 + DELETE_RETENTION_MS + 1);
        assertThat(read(log, 0)).noneMatch(line -> line.contains("gone"));
    }

    private static void fill(PartitionLog log, int count) {
        for (int i = 0; i < count; i++) {
            append(log, 100, "filler=" + "x".repeat(80) + i);
        }
    }

    /** The first segment keeps its name, and nothing else. */
    @Test
    void aSegmentThatCompactionHasEmptiedExpiresWithTheOneBehindIt() throws IOException {
        PartitionLog log = logs.open(folder.resolve("t-0"), config(true, 1000));
        fill(log, 20);
        assertThat(compact(log, 200)).isTrue();
        assertThat(Files.size(folder.resolve("t-0/00000000000000000000.log"))).isZero();

        assertThat(log.retain(1100, 20)).isZero();
        assertThat(log.retain(1101, 20)).isPositive();

        assertThat(log.logStartOffset()).isEqualTo(20);
    }

    private PartitionLog openWith(DiskReserve reserve) {
        LogEnvironment usual = logs.environment(folder, Durability.OS);
        var env =
                new LogEnvironment(
                        usual.disk(),
                        usual.flushes(),
                        usual.durability(),
                        usual.producerExpirationMs(),
                        reserve,
                        usual.events());
        return PartitionLog.open(env, folder.resolve("t-0"), config(false, -1), logs, 1000);
    }

    @Test
    void aCompactionTakesNothingOfTheRoomThatIsReserved() throws IOException {
        var reserve = new DiskReserve(new RealDisk(), folder, Long.MAX_VALUE);
        PartitionLog log = openWith(reserve);
        fill(log, 20);
        BackgroundWork begun = log.planCompaction(200, 20, 1 << 20).orElseThrow();
        reserve.refresh();

        begun.run();

        assertThat(begun.finish()).isEmpty();
        assertThat(log.planCompaction(200, 20, 1 << 20)).isEmpty();
        assertThat(read(log, 0)).hasSize(20);
    }

    @Test
    void aCompactionThatFailsLeavesNoFileBehind() throws IOException {
        PartitionLog log = open();
        for (int i = 0; i < 40; i++) {
            append(log, 100, "k" + i + "=v" + i);
        }
        assertThat(compact(log, 200)).isTrue();
        for (int i = 40; i < 80; i++) {
            append(log, 100, "k" + i + "=v" + i);
        }
        Path second = dataFiles().get(1);
        byte[] bytes = Files.readAllBytes(second);
        bytes[65] ^= 4;
        Files.write(second, bytes);

        BackgroundWork work = log.planCompaction(200, 80, 1 << 20).orElseThrow();

        assertThatThrownBy(work::run).isInstanceOf(StorageException.class);
        assertThat(folder.resolve("t-0").toFile().list())
                .noneMatch(name -> name.endsWith(".cleaned"));
    }

    private List<Path> dataFiles() throws IOException {
        try (var files = Files.list(folder.resolve("t-0"))) {
            return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
        }
    }

    @Test
    void anyHistoryKeepsItsLatestValuesThroughCompactionsAndRestarts() throws IOException {
        for (int seed = 0; seed < 30; seed++) {
            history(seed);
        }
    }

    private void history(int seed) throws IOException {
        var random = new Random(seed);
        Map<String, String> model = new HashMap<>();
        Path home = folder.resolve("seed" + seed);
        var compaction = new LogConfig.Compaction(0.01, 0, Long.MAX_VALUE, 1_000_000);
        LogConfig config =
                TestLogs.smallSegments(500)
                        .withRetention(new LogConfig.Retention(false, true, -1, -1, compaction));
        PartitionLog log = logs.open(home, config);
        for (int step = 0; step < 150; step++) {
            switch (random.nextInt(10)) {
                case 0 -> compact(log, 1000 + step);
                case 1 -> {
                    if (random.nextBoolean()) {
                        log.close(1000);
                    }
                    log = logs.open(home, config);
                }
                default -> {
                    String key = "k" + random.nextInt(8);
                    String value = "v" + step;
                    append(log, 100 + step, key + "=" + value);
                    model.put(key, value);
                }
            }
        }
        compact(log, 10_000);
        var latest = new HashMap<String, String>();
        long lastOffset = -1;
        for (String line : read(log, 0)) {
            long offset = Long.parseLong(line.substring(0, line.indexOf(':')));
            String[] entry = line.substring(line.indexOf(':') + 1).split("=", 2);
            latest.put(entry[0], entry[1]);
            assertThat(offset).as("seed %d", seed).isGreaterThan(lastOffset);
            lastOffset = offset;
        }
        assertThat(latest).as("seed %d", seed).isEqualTo(model);
    }

    @Test
    void aLogThatWasCheckpointedWhileItWasEmptyIsReadWholeAfterAKill() throws IOException {
        Path marked = Files.createDirectories(folder.resolve("t-0")).resolve("partition.metadata");
        Files.writeString(marked, "version: 0");
        PartitionLog empty = open();
        empty.beginEpoch(3);
        empty.close(1000);
        append(open(), 100, "k=v");

        assertThat(read(open(), 0)).containsExactly("0:k=v");
    }

    @Test
    void aCompactedSegmentThatHasLostItsEndIsMissed() throws IOException {
        PartitionLog log = open();
        for (int i = 0; i < 60; i++) {
            append(log, 100, "k" + i % 50 + "=v" + i);
        }
        assertThat(compact(log, 200)).isTrue();
        log.close(200);
        Path second = dataFiles().get(2);
        long base = Long.parseLong(String.valueOf(second.getFileName()).substring(0, 20));
        List<String> before = read(open(), base + 1);
        byte[] bytes = Files.readAllBytes(second);
        int first = 12 + ByteBuffer.wrap(bytes).getInt(8);
        Files.write(second, Arrays.copyOf(bytes, first));

        PartitionLog again = open();

        assertThat(logs.events).hasSize(1).first().asString().startsWith("quarantined ");
        Quarantine.Range lost = again.quarantined().getFirst();
        assertThat(lost.firstOffset()).isEqualTo(base + 1);
        assertThatThrownBy(() -> again.read(base + 1, 60, 1000, true))
                .isInstanceOf(CorruptRangeException.class);
        assertThat(read(again, lost.endOffset()))
                .isEqualTo(before.subList((int) (lost.endOffset() - base - 1), before.size()));
    }

    @Test
    void aKeyMemoryThatIsTooSmallCompactsWhatFits() throws IOException {
        PartitionLog log = open();
        var expected = new ArrayList<String>();
        for (int i = 0; i < 40; i++) {
            append(log, 100, "key" + i + "=v");
            expected.add("%d:key%d=v".formatted(i, i));
        }
        BackgroundWork work = log.planCompaction(200, log.logEndOffset(), 1000).orElseThrow();

        work.run();
        work.finish();

        assertThat(read(log, 0)).isEqualTo(expected);
    }
}
