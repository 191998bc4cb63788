package io.millrace.cluster.quorum.raft;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.apache.kafka.raft.FileQuorumStateStore;

/**
 * A file beside the metadata log that is there as long as this node has no vote. It is made before
 * the first file of a folder is, so a folder that has votes and no such file remembers all of them.
 *
 * @param folder of the metadata log
 */
public record VoteMark(Path folder) {
    /** What the file is called. An operator who knows better may delete it. */
    public static final String NAME = "without-vote";

    private Path file() {
        return folder.resolve(NAME);
    }

    /**
     * Whether this node has no vote yet. In a folder without votes that is so from now on, durably.
     * Blocks.
     */
    boolean begin() throws IOException {
        Files.createDirectories(folder);
        if (!Files.exists(folder.resolve(FileQuorumStateStore.DEFAULT_FILE_NAME))
                && !Files.exists(file())) {
            Files.createFile(file());
            sync(file());
            sync(folder);
            sync(Objects.requireNonNull(folder.toAbsolutePath().getParent()));
        }
        return Files.exists(file());
    }

    /** This node has its vote, durably. Blocks. */
    void clear() throws IOException {
        Files.deleteIfExists(file());
        sync(folder);
    }

    private static void sync(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
