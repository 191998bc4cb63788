package io.millrace.cluster.quorum;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetadataFolderTest {
    @TempDir Path folder = Path.of("unset");

    @Test
    void neitherEngineTakesTheOthersLog() throws IOException {
        Path one = Files.createDirectory(folder.resolve("one"));
        Path several = Files.createDirectory(folder.resolve("several"));
        Files.createFile(one.resolve("checkpoint"));
        Files.createFile(several.resolve("quorum-state"));

        assertThatThrownBy(() -> MetadataFolder.requireLogOfSeveral(one))
                .isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> MetadataFolder.requireLogOfOne(several))
                .isInstanceOf(StorageException.class);
    }

    @Test
    void eachTakesItsOwnAndAnEmptyFolder() throws IOException {
        Path several = Files.createDirectory(folder.resolve("several"));
        Files.createFile(several.resolve("quorum-state"));

        assertThatCode(
                        () -> {
                            MetadataFolder.requireLogOfSeveral(several);
                            MetadataFolder.requireLogOfSeveral(folder);
                            MetadataFolder.requireLogOfOne(folder);
                        })
                .doesNotThrowAnyException();
    }
}
