package io.millrace.storage;

import static io.millrace.storage.TestLogs.append;
import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders as crashes, other programs and people leave them. */
final class LeftoversTest {
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
        return logs.open(folder(), TestLogs.smallSegments(300));
    }

    private PartitionLog filled(int records) {
        PartitionLog log = open();
        for (int i = 0; i < records; i++) {
            append(log, 100, "k=" + i);
        }
        return log;
    }

    @Test
    void halfDoneFilesGoAndFilesOfOthersStay() throws IOException {
        filled(4).close(1000);
        for (String name :
                new String[] {
                    FIRST + ".deleted", FIRST + ".cleaned", "checkpoint.tmp", "notes.txt", "7.log"
                }) {
            Files.writeString(folder().resolve(name), "left");
        }

        PartitionLog log = open();

        assertThat(read(log, 0)).hasSize(4);
        assertThat(folder().resolve("notes.txt")).exists();
        assertThat(folder().resolve("7.log")).exists();
        assertThat(folder().resolve(FIRST + ".deleted")).doesNotExist();
        assertThat(folder().resolve(FIRST + ".cleaned")).doesNotExist();
        assertThat(folder().resolve("checkpoint.tmp")).doesNotExist();
    }

    /** A broker marks there whose the folder is. */
    @Test
    void aLogThatIsThrownAwayLeavesTheFilesOfOthers() throws IOException {
        PartitionLog log = filled(9);
        Files.writeString(folder().resolve("partition.metadata"), "version: 0");

        log.restartAt(100);

        assertThat(folder().resolve("partition.metadata")).exists();
        assertThat(folder().toFile().list())
                .containsExactlyInAnyOrder("partition.metadata", "checkpoint");
    }

    /** Its base is one bit away from the log start. */
    @Test
    void aSegmentThatWasEmptiedFromTheLogStartOnGoesOnThere() {
        PartitionLog log = open();
        append(log, 100, "k=0", "k=1", "k=2", "k=3");
        log.deleteRecordsBefore(2);
        log.truncateTo(2);
        append(log, 100, "k=again");

        PartitionLog again = open();

        assertThat(logs.events).isEmpty();
        assertThat(again.logEndOffset()).isEqualTo(3);
        assertThat(read(again, 2)).containsExactly("2:k=again");
    }

    @Test
    void anEmptyFileAtTheEndIsNoSegment() throws IOException {
        filled(4).close(1000);
        Files.createFile(folder().resolve("00000000000000000900.log"));

        PartitionLog log = open();

        assertThat(log.logEndOffset()).isEqualTo(4);
        append(log, 100, "k=4");
        assertThat(read(log, 0)).hasSize(5);
    }

    @Test
    void aSegmentThatWasTakenAwayIsReportedAndNoOffsetIsGivenOutAgain() throws IOException {
        filled(20).close(1000);
        Path second = segmentAfterFirst();
        long base = Long.parseLong(String.valueOf(second.getFileName()).substring(0, 20));
        Files.delete(second);

        PartitionLog log = open();

        assertThat(log.logEndOffset()).isEqualTo(20);
        assertThat(logs.events).anyMatch(event -> event.startsWith("quarantined " + base + "-"));
        assertThatThrownBy(() -> log.read(base, 20, 1000, true))
                .isInstanceOf(CorruptRangeException.class);
        assertThat(read(log, log.quarantined().getFirst().endOffset())).isNotEmpty();
    }

    private Path segmentAfterFirst() throws IOException {
        try (var files = Files.list(folder())) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .skip(1)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void everySegmentTakenAwayLeavesTheEndWhereItWas() throws IOException {
        filled(3).close(1000);
        Files.delete(folder().resolve(FIRST));

        PartitionLog log = open();

        assertThat(log.logEndOffset()).isEqualTo(3);
        append(log, 100, "k=3");
        assertThat(read(log, 3)).containsExactly("3:k=3");
    }

    @Test
    void aTailCutOffByAnotherHandIsMissedAndItsOffsetsAreNotGivenOutAgain() throws IOException {
        filled(3).close(1000);
        try (var file = new RandomAccessFile(folder().resolve(FIRST).toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }

        PartitionLog log = open();

        assertThat(log.logEndOffset()).isEqualTo(3);
        assertThat(logs.events).containsExactly("quarantined 2-3");
        LogSlice before = log.read(0, 3, 10_000, true);
        assertThat(before.sizeBytes()).isEqualTo(140);
        before.release();
        append(log, 100, "k=3");
        assertThat(read(log, 3)).containsExactly("3:k=3");
    }

    @Test
    void aFolderThatCannotBeReadIsAnErrorThatNamesIt() throws IOException {
        Files.writeString(folder(), "a file");

        assertThatThrownBy(this::open)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(folder().toString());
    }

    @Test
    void aFolderInTheNameOfASegmentIsAnErrorThatNamesTheLog() throws IOException {
        Files.createDirectories(folder().resolve(FIRST));

        assertThatThrownBy(this::open)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(folder().toString());
    }

    @Test
    void aReadGoesOnThoughItsSegmentIsDeletedMeanwhile() {
        PartitionLog log = filled(20);
        LogSlice slice = log.read(0, 20, 10_000, true);
        log.deleteRecordsBefore(15);

        assertThat(log.retain(1000, 20)).isPositive();

        assertThat(folder().resolve(FIRST)).doesNotExist();
        assertThat(slice.read().remaining()).isEqualTo(slice.sizeBytes());
        slice.release();
    }
}
