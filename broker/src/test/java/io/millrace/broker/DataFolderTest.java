package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.disk.RealDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {
    @TempDir Path path = Path.of("unset");

    private DataFolder open(int nodeId, String clusterId) {
        return DataFolder.open(new RealDisk(), path, nodeId, clusterId);
    }

    @Test
    void theFirstStartMarksTheFolderForGood() throws IOException {
        UUID directory;
        try (DataFolder first = open(1, "orders")) {
            directory = first.directoryId();
            assertThat(first.clusterId()).isEqualTo("orders");
        }

        try (DataFolder again = open(1, "")) {
            assertThat(again.directoryId()).isEqualTo(directory);
            assertThat(again.clusterId()).isEqualTo("orders");
        }
    }

    @Test
    void anotherClustersFolderIsRefusedAndLetGo() throws IOException {
        open(1, "orders").close();

        assertThatThrownBy(() -> open(1, "payments"))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("belongs to the cluster orders")
                .hasMessageContaining("millrace.cluster.id is payments");
        open(1, "orders").close();
    }

    /** Found by use: a newer broker's folder was taken, and a damaged mark named no node. */
    @Test
    void anotherVersionsFolderAndADamagedMarkAreRefused() throws IOException {
        Path mark = path.resolve("meta.properties");
        Files.writeString(mark, "version=2\ncluster.id=c\nnode.id=1\n");
        assertThatThrownBy(() -> open(1, ""))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(path.toString(), "version 2", "version 1");

        for (String damaged : new String[] {"garbage", "#\n", "version=1\nnode.id=1\n"}) {
            Files.writeString(mark, damaged);
            assertThatThrownBy(() -> open(1, ""))
                    .isInstanceOf(StartException.class)
                    .hasMessageContainingAll(mark.toString(), "is damaged");
        }
    }

    @Test
    void aFolderFromBeforeItHadAnIdOfItsOwnGetsOne() throws IOException {
        Path mark = path.resolve("meta.properties");
        Files.writeString(mark, "version=1\ncluster.id=old\nnode.id=4\n");

        try (DataFolder opened = open(4, "")) {
            assertThat(opened.clusterId()).isEqualTo("old");
            assertThat(mark).content().contains("directory.id=", "cluster.id=old", "node.id=4");
        }
    }
}
