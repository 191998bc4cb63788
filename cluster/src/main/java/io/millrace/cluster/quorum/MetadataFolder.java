package io.millrace.cluster.quorum;

import io.millrace.storage.StorageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The folder of the metadata log, named as Kafka names it. Each engine keeps its log in a format of
 * its own there; neither may take the other's for its own.
 */
public final class MetadataFolder {
    private static final String NAME = "__cluster_metadata-0";
    private static final List<String> OF_ONE = List.of("checkpoint", "snapshot");
    private static final List<String> OF_SEVERAL = List.of("quorum-state", "partition.metadata");

    private MetadataFolder() {}

    /** The folder in a broker's data folder. */
    public static Path in(Path dataFolder) {
        return dataFolder.resolve(NAME);
    }

    /**
     * Checks that a quorum of one may use the folder.
     *
     * @throws StorageException if it holds the log of a quorum of several
     */
    public static void requireLogOfOne(Path folder) {
        refuse(
                folder,
                OF_SEVERAL,
                "this is the log of a quorum of several nodes; name them in controller.quorum.voters");
    }

    /**
     * Checks that a quorum of several may use the folder.
     *
     * @throws StorageException if it holds the log of a quorum of one
     */
    public static void requireLogOfSeveral(Path folder) {
        refuse(
                folder,
                OF_ONE,
                "this is the log of a node on its own, which cannot join a quorum of several; give the node a folder of its own");
    }

    private static void refuse(Path folder, List<String> marks, String why) {
        if (marks.stream().anyMatch(mark -> Files.exists(folder.resolve(mark)))) {
            throw new StorageException(folder, why, null);
        }
    }
}
