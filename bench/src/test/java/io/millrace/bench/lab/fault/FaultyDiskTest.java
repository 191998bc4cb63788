package io.millrace.bench.lab.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of files when the power fails: real files, a failure that is played. */
final class FaultyDiskTest {
    @TempDir private Path temp;
    private Path data;
    private FaultyDisk disk;

    @BeforeEach
    void openDisk() throws IOException {
        data = temp.resolve("data");
        disk = new FaultyDisk(DurableCopy.of(data));
        disk.createFolder(data);
    }

    private DiskFile written(Path file, String text) throws IOException {
        DiskFile opened = disk.open(file);
        write(opened, text, 0);
        return opened;
    }

    private static void write(DiskFile file, String text, long position) throws IOException {
        file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), position);
    }

    private void losePower() throws IOException {
        DurableCopy.loseUnsynced(data);
    }

    @Test
    void whatWasSyncedWithItsNameIsLeft() throws IOException {
        DiskFile file = written(data.resolve("a"), "hello");
        file.sync();
        disk.syncFolder(data);
        write(file, " world", 5);
        losePower();

        assertThat(data.resolve("a")).hasContent("hello");
    }

    @Test
    void aFileWhoseNameWasNotSyncedIsGone() throws IOException {
        written(data.resolve("a"), "hello").sync();
        losePower();

        assertThat(data.resolve("a")).doesNotExist();
    }

    @Test
    void aNameWithoutASyncOfItsContentIsNothing() throws IOException {
        written(data.resolve("a"), "hello");
        disk.syncFolder(data);
        losePower();

        assertThat(data.resolve("a")).doesNotExist();
    }

    @Test
    void aFolderThatWasSyncedBeforeItsNameKeepsWhatItHolds() throws IOException {
        Path inner = data.resolve("inner");
        disk.createFolder(inner);
        written(inner.resolve("a"), "hello").sync();
        disk.syncFolder(inner);
        disk.syncFolder(data);
        losePower();

        assertThat(inner.resolve("a")).hasContent("hello");
    }

    @Test
    void anOverwriteThatWasNotSyncedIsUndone() throws IOException {
        DiskFile file = written(data.resolve("a"), "hello");
        file.sync();
        disk.syncFolder(data);
        file.truncate(1);
        write(file, "ALLO", 1);
        losePower();
        assertThat(data.resolve("a")).hasContent("hello");
    }

    @Test
    void anOverwriteThatWasSyncedStays() throws IOException {
        DiskFile file = written(data.resolve("a"), "hello");
        file.sync();
        disk.syncFolder(data);
        file.truncate(1);
        write(file, "a", 1);
        file.sync();
        losePower();

        assertThat(data.resolve("a")).hasContent("ha");
    }

    @Test
    void aReplacedFileIsTheOldOneOrTheNewOne() throws IOException {
        Path file = data.resolve("a");
        disk.replace(file, ByteBuffer.wrap("old".getBytes(StandardCharsets.UTF_8)), true);
        disk.replace(file, ByteBuffer.wrap("new".getBytes(StandardCharsets.UTF_8)), false);
        losePower();
        assertThat(file).hasContent("old");

        disk.replace(file, ByteBuffer.wrap("new".getBytes(StandardCharsets.UTF_8)), true);
        losePower();
        assertThat(file).hasContent("new");
    }

    @Test
    void aRenameCountsOnceItsFolderIsSynced() throws IOException {
        written(data.resolve("a"), "hello").sync();
        disk.syncFolder(data);
        disk.rename(data.resolve("a"), data.resolve("b"));
        disk.syncFolder(data);
        losePower();

        assertThat(data.resolve("a")).doesNotExist();
        assertThat(data.resolve("b")).hasContent("hello");
    }

    @Test
    void aDeletionCountsOnceItsFolderIsSynced() throws IOException {
        written(data.resolve("a"), "hello").sync();
        disk.syncFolder(data);
        disk.delete(data.resolve("a"));
        losePower();
        assertThat(data.resolve("a")).hasContent("hello");

        disk.delete(data.resolve("a"));
        disk.syncFolder(data);
        losePower();
        assertThat(Files.exists(data.resolve("a"))).isFalse();
    }
}
