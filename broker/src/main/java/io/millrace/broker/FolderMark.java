package io.millrace.broker;

import io.millrace.storage.disk.Disk;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.common.Uuid;

/**
 * Whose a data folder is, as Kafka marks its own: {@code meta.properties} in it.
 *
 * @param directoryId the folder's own, which stays with it
 */
record FolderMark(String clusterId, int nodeId, UUID directoryId) {
    private static final String FILE = "meta.properties";
    private static final String VERSION = "version";
    private static final String OUR_VERSION = "1";
    private static final String CLUSTER = "cluster.id";
    private static final String NODE = "node.id";
    private static final String DIRECTORY = "directory.id";

    /**
     * Reads the mark, or makes it at the first start.
     *
     * @param clusterId what the cluster is to be; empty for what it is, or a new one
     * @throws StartException if the folder belongs to another cluster or node, or to a broker of
     *     another version, or if the mark is damaged
     */
    static FolderMark of(Disk disk, Path folder, int nodeId, String clusterId) throws IOException {
        ByteBuffer present = disk.readWhole(folder.resolve(FILE));
        var properties = new Properties();
        boolean marked = present.hasRemaining();
        properties.load(new StringReader(StandardCharsets.UTF_8.decode(present).toString()));
        if (marked) {
            check(folder, properties, nodeId, clusterId);
        }
        String directory = properties.getProperty(DIRECTORY);
        String newCluster = clusterId.isEmpty() ? text(newId()) : clusterId;
        var mark =
                new FolderMark(
                        properties.getProperty(CLUSTER, newCluster),
                        nodeId,
                        directory == null ? newId() : parse(folder, directory));
        if (directory == null) {
            disk.replace(folder.resolve(FILE), mark.encoded(), true);
        }
        return mark;
    }

    private static void check(Path folder, Properties mark, int nodeId, String clusterId) {
        for (String key : List.of(VERSION, CLUSTER, NODE)) {
            if (mark.getProperty(key, "").isEmpty()) {
                throw new StartException(
                        "%s is damaged: it has no %s; put a copy in its place, or choose another folder with --data-dir"
                                .formatted(folder.resolve(FILE), key),
                        null);
            }
        }
        String version = mark.getProperty(VERSION);
        if (!version.equals(OUR_VERSION)) {
            throw new StartException(
                    "The data folder %s has version %s, and this broker knows version %s: start the one that made it, or choose another folder with --data-dir"
                            .formatted(folder, version, OUR_VERSION),
                    null);
        }
        String owner = mark.getProperty(NODE, "");
        if (!owner.equals(Integer.toString(nodeId))) {
            throw new StartException(
                    "The data folder %s belongs to node %s, this is node %d: set node.id=%s or choose another folder"
                            .formatted(folder, owner, nodeId, owner),
                    null);
        }
        String cluster = mark.getProperty(CLUSTER, "");
        if (!clusterId.isEmpty() && !cluster.equals(clusterId)) {
            throw new StartException(
                    "The data folder %s belongs to the cluster %s, and millrace.cluster.id is %s: set it to %s or choose another folder"
                            .formatted(folder, cluster, clusterId, cluster),
                    null);
        }
    }

    private ByteBuffer encoded() {
        String text =
                "%s=%s\n%s=%s\n%s=%d\n%s=%s\n"
                        .formatted(
                                VERSION,
                                OUR_VERSION,
                                CLUSTER,
                                clusterId,
                                NODE,
                                nodeId,
                                DIRECTORY,
                                text(directoryId));
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A random id whose text does not look like a command-line option. */
    private static UUID newId() {
        UUID random = UUID.randomUUID();
        return new UUID(
                random.getMostSignificantBits() & (~0L >>> 1), random.getLeastSignificantBits());
    }

    /** An id as Kafka writes it. */
    private static String text(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits()).toString();
    }

    private static UUID parse(Path folder, String text) {
        try {
            Uuid id = Uuid.fromString(text);
            return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
        } catch (IllegalArgumentException e) {
            throw new StartException(
                    "%s in %s is no id: %s".formatted(DIRECTORY, folder.resolve(FILE), text), e);
        }
    }
}
