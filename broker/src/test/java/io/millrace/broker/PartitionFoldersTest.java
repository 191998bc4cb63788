package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.PartitionId;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.flush.FlushQueue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PartitionFoldersTest {
    @TempDir Path data = Path.of("unset");

    private PartitionFolders folders() {
        return new PartitionFolders(new RealDisk(), data, new FlushQueue(Runnable::run));
    }

    private static PartitionId partition(String topic) {
        return new PartitionId(UUID.randomUUID(), topic, 0);
    }

    @Test
    void whatATopicOfTheSameNameHasLeftIsThrownAway() throws IOException {
        PartitionId before = partition("t");
        Path folder = folders().claim(before);
        Files.writeString(folder.resolve("00000000000000000000.log"), "old");

        Path again = folders().claim(before);
        assertThat(again.resolve("00000000000000000000.log")).exists();

        Path other = folders().claim(partition("t"));
        assertThat(other).isEqualTo(folder);
        assertThat(other.resolve("00000000000000000000.log")).doesNotExist();
    }

    @Test
    void onlyWhatIsHostedIsKeptAndTheMetadataAlways() throws IOException {
        PartitionId kept = partition("kept");
        folders().claim(kept);
        folders().claim(partition("gone"));
        // Kafka's own log engine marks its folder in the same way.
        folders().claim(partition("__cluster_metadata"));
        Files.createDirectory(data.resolve("unmarked-0"));

        folders().keepOnly(Set.of(kept));

        try (var left = Files.list(data)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("kept-0", "__cluster_metadata-0", "unmarked-0");
        }
    }
}
