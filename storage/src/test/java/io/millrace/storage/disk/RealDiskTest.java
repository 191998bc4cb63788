package io.millrace.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

final class RealDiskTest {
    private final RealDisk disk = new RealDisk();
    @TempDir Path home = Path.of("unset");

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsWrittenSyncedAndCutIsReadBack() throws IOException {
        DiskFile file = disk.open(home.resolve("f"));
        file.write(bytes("0123456789"), 0);
        file.write(bytes("ab"), 4);
        file.truncate(8);
        file.sync();
        var target = ByteBuffer.allocate(20);

        assertThat(file.read(target, 2)).isEqualTo(6);
        assertThat(target.flip()).isEqualTo(bytes("23ab67"));
        assertThat(file.size()).isEqualTo(8);
        file.close();
        assertThatThrownBy(() -> file.size()).isInstanceOf(IOException.class);
    }

    @Test
    void aFileIsReplacedInOneStepAndNoOtherIsLeft() throws IOException {
        disk.replace(home.resolve("f"), bytes("old and long"), true);
        disk.replace(home.resolve("f"), bytes("new"), true);

        assertThat(disk.readWhole(home.resolve("f"))).isEqualTo(bytes("new"));
        assertThat(disk.list(home)).containsExactly("f");
    }

    @Test
    void whatIsNotThereIsEmptyAndDeletingItIsNothing() throws IOException {
        Path none = home.resolve("none");
        disk.delete(none);

        assertThat(disk.list(none)).isEmpty();
        assertThat(disk.size(none)).isZero();
        assertThat(disk.readWhole(none).remaining()).isZero();
    }

    @Test
    void aFolderIsDeletedWithAllThatIsInIt() throws IOException {
        Path folder = home.resolve("a/b");
        disk.createFolder(folder);
        disk.open(folder.resolve("f")).close();

        disk.delete(home.resolve("a"));

        assertThat(disk.list(home)).isEmpty();
    }

    @Test
    void aFolderThatIsAFileCannotBeListed() throws IOException {
        Files.writeString(home.resolve("f"), "x");

        assertThatThrownBy(() -> disk.list(home.resolve("f"))).isInstanceOf(IOException.class);
    }

    static boolean hasFullDevice() {
        return Files.isWritable(Path.of("/dev/full"));
    }

    @Test
    @EnabledIf("hasFullDevice")
    void aFullDeviceIsToldFromOneThatFails() throws IOException {
        DiskFile full = disk.open(Path.of("/dev/full"));

        assertThatThrownBy(() -> full.write(bytes("x"), 0)).isInstanceOf(DiskFullException.class);
        full.close();
    }

    @Test
    void noMoreFilesIsToldFromOtherFailures() {
        for (String said : List.of("/d/f: Too many open files", "Too many open files in system")) {
            assertThat(RealDisk.shortageOrOther(new IOException(said)))
                    .isInstanceOf(TooManyFilesException.class);
        }
        assertThat(RealDisk.shortageOrOther(new IOException("No space left on device")))
                .isInstanceOf(DiskFullException.class);
        var other = new IOException("Input/output error");
        assertThat(RealDisk.shortageOrOther(other)).isSameAs(other);
    }
}
