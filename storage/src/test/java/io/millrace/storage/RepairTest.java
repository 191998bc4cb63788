package io.millrace.storage;

import static io.millrace.storage.TestLogs.append;
import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.plan.Quarantine;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RepairTest {
    private static final String FIRST = "00000000000000000000.log";
    private static final int RECORDS = 100;

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private PartitionLog open(String name) {
        return logs.open(home.resolve(name), TestLogs.smallSegments(2000));
    }

    private PartitionLog filled(String name) {
        PartitionLog log = open(name);
        for (int i = 0; i < RECORDS; i++) {
            append(log, 100 + i, "k=" + i);
        }
        return log;
    }

    private static List<String> expected() {
        return IntStream.range(0, RECORDS).mapToObj(i -> "%d:k=%d".formatted(i, i)).toList();
    }

    private void flip(String name, long position) throws IOException {
        try (var file = new RandomAccessFile(home.resolve(name).resolve(FIRST).toFile(), "rw")) {
            file.seek(position);
            int was = file.read();
            file.seek(position);
            file.write(was ^ 4);
        }
    }

    private static void verify(PartitionLog log) {
        BackgroundWork pass = log.planVerification();
        pass.run();
        pass.finish();
    }

    private static ByteBuffer fetch(PartitionLog from, long offset) {
        LogSlice slice = from.read(offset, from.logEndOffset(), 300, true);
        ByteBuffer bytes = slice.read();
        slice.release();
        return bytes;
    }

    /** Repairs the only bad range of a log; returns what was told. */
    private static String repair(PartitionLog log, PartitionLog from) {
        Quarantine.Range bad = log.quarantined().getFirst();
        BackgroundWork.Repair repair = log.planRepair(bad).orElseThrow();
        while (!repair.isComplete()) {
            String refusal = repair.take(fetch(from, repair.nextOffset()));
            if (!refusal.isEmpty()) {
                repair.abandon();
                return refusal;
            }
        }
        repair.run();
        return repair.finish();
    }

    private byte[] bytes(String name) throws IOException {
        return Files.readAllBytes(home.resolve(name).resolve(FIRST));
    }

    @Test
    void aBadRangeOfAClosedSegmentIsAsAtTheOtherReplica() throws IOException {
        PartitionLog good = filled("good-0");
        PartitionLog bad = filled("bad-0");
        flip("bad-0", 500);
        verify(bad);
        assertThat(bad.quarantined()).hasSize(1);

        assertThat(repair(bad, good)).startsWith("repaired the offsets ");

        assertThat(bad.quarantined()).isEmpty();
        assertThat(read(bad, 0)).isEqualTo(expected());
        assertThat(bytes("bad-0")).isEqualTo(bytes("good-0"));
        verify(bad);
        assertThat(bad.quarantined()).isEmpty();
        assertThat(read(open("bad-0"), 0)).isEqualTo(expected());
    }

    @Test
    void whatWasBadIsKeptBeside() throws IOException {
        PartitionLog good = filled("good-0");
        PartitionLog bad = filled("bad-0");
        flip("bad-0", 500);
        byte[] damaged = bytes("bad-0");
        verify(bad);
        Quarantine.Range range = bad.quarantined().getFirst();

        repair(bad, good);

        Path kept = home.resolve("bad-0").resolve("%020d.damaged".formatted(range.firstOffset()));
        assertThat(Files.readAllBytes(kept))
                .isEqualTo(
                        Arrays.copyOfRange(
                                damaged, (int) range.position(), (int) range.endPosition()));
    }

    @Test
    void severalRangesOfASegmentAreRepairedOneAfterTheOther() throws IOException {
        PartitionLog good = filled("good-0");
        PartitionLog bad = filled("bad-0");
        flip("bad-0", 300);
        flip("bad-0", 900);
        flip("bad-0", 1500);
        verify(bad);
        assertThat(bad.quarantined()).hasSize(3);

        while (!bad.quarantined().isEmpty()) {
            assertThat(repair(bad, good)).startsWith("repaired");
        }

        assertThat(bytes("bad-0")).isEqualTo(bytes("good-0"));
    }

    @Test
    void batchesOfAnotherHistoryAreNotTaken() throws IOException {
        PartitionLog other = open("other-0");
        append(other, 100, Collections.nCopies(RECORDS, "k=v").toArray(String[]::new));
        PartitionLog bad = filled("bad-0");
        flip("bad-0", 500);
        verify(bad);
        byte[] before = bytes("bad-0");

        assertThat(repair(bad, other)).contains("the offsets 0 to 99");

        assertThat(bad.quarantined()).hasSize(1);
        assertThat(bytes("bad-0")).isEqualTo(before);
        assertThatThrownBy(() -> bad.read(bad.quarantined().getFirst().firstOffset(), 99, 9, true))
                .isInstanceOf(CorruptRangeException.class);
    }

    @Test
    void batchesThatAreBadThemselvesAreNotTaken() throws IOException {
        PartitionLog good = filled("good-0");
        PartitionLog bad = filled("bad-0");
        flip("bad-0", 500);
        verify(bad);
        BackgroundWork.Repair repair = bad.planRepair(bad.quarantined().getFirst()).orElseThrow();
        ByteBuffer bytes = fetch(good, repair.nextOffset());
        var changed = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
        changed.put(65, (byte) (changed.get(65) ^ 1));

        assertThat(repair.take(changed)).contains("CRC");
    }

    @Test
    void onlyOneRepairIsUnderWay() throws IOException {
        PartitionLog bad = filled("bad-0");
        flip("bad-0", 500);
        verify(bad);
        Quarantine.Range range = bad.quarantined().getFirst();
        BackgroundWork.Repair first = bad.planRepair(range).orElseThrow();

        assertThat(bad.planRepair(range)).isEmpty();
        first.abandon();
        assertThat(bad.planRepair(range)).isPresent();
    }

    @Test
    void aCompactionOfWhatTurnedOutBadMeanwhileIsDropped() throws IOException {
        LogConfig small = TestLogs.smallSegments(2000);
        var compaction = new LogConfig.Compaction(0.01, 0, Long.MAX_VALUE, 1000);
        PartitionLog log =
                logs.open(
                        home.resolve("bad-0"),
                        small.withRetention(
                                new LogConfig.Retention(false, true, -1, -1, compaction)));
        for (int i = 0; i < RECORDS; i++) {
            append(log, 100 + i, "k=" + i);
        }
        BackgroundWork work = log.planCompaction(1000, RECORDS, 1 << 20).orElseThrow();
        work.run();
        flip("bad-0", 500);
        byte[] damaged = bytes("bad-0");
        verify(log);
        Quarantine.Range range = log.quarantined().getFirst();

        assertThat(log.planRepair(range)).isEmpty();
        work.finish();

        assertThat(bytes("bad-0")).isEqualTo(damaged);
        assertThat(log.planRepair(range)).isPresent();
    }

    @Test
    void aLogThatIsCutMeanwhileStaysCut() throws IOException {
        PartitionLog good = filled("good-0");
        PartitionLog bad = filled("bad-0");
        flip("bad-0", 500);
        verify(bad);
        BackgroundWork.Repair repair = bad.planRepair(bad.quarantined().getFirst()).orElseThrow();
        while (!repair.isComplete()) {
            repair.take(fetch(good, repair.nextOffset()));
        }
        repair.run();
        bad.truncateTo(2);

        assertThat(repair.finish()).isEmpty();
        assertThat(bad.logEndOffset()).isEqualTo(2);
        assertThat(read(bad, 0)).containsExactly("0:k=0", "1:k=1");
    }

    /** The pass has read the file that the repaired one took the place of. */
    @Test
    void whatAPassFoundInASegmentThatWasRepairedMeanwhileIsForgotten() throws IOException {
        PartitionLog good = filled("good-0");
        PartitionLog bad = filled("bad-0");
        flip("bad-0", 500);
        BackgroundWork pass = bad.planVerification();
        pass.run();
        verify(bad);
        assertThat(repair(bad, good)).startsWith("repaired");

        pass.finish();

        assertThat(bad.quarantined()).isEmpty();
        assertThat(read(bad, 0)).isEqualTo(expected());
    }
}
