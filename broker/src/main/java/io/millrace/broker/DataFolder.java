package io.millrace.broker;

import io.millrace.storage.PartitionLog;
import io.millrace.storage.disk.Disk;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.common.Uuid;

/**
 * The folder that a broker keeps everything in: locked against a second broker, and marked with the
 * cluster and node that it belongs to. Used by the thread that starts and stops the broker.
 */
final class DataFolder implements AutoCloseable {
    private static final String MARK = "meta.properties";

    private final Path path;
    private final FileChannel lock;
    private final String clusterId;

    private DataFolder(Path path, FileChannel lock, String clusterId) {
        this.path = path;
        this.lock = lock;
        this.clusterId = clusterId;
    }

    /**
     * Makes the folder if there is none, locks it, and clears what deletions have left.
     *
     * @throws StartException if it belongs to another node or broker, or cannot be used
     */
    static DataFolder open(Disk disk, Path path, int nodeId) {
        try {
            disk.createFolder(path);
            FileChannel lock = lock(path);
            String clusterId = mark(disk, path, nodeId);
            for (String name : disk.list(path)) {
                if (name.endsWith(PartitionLog.DELETE_SUFFIX)) {
                    disk.delete(path.resolve(name));
                }
            }
            return new DataFolder(path, lock, clusterId);
        } catch (IOException e) {
            throw new StartException(
                    "Cannot use the data folder %s: %s; mend that, or choose another with --data-dir"
                            .formatted(path, reason(e)),
                    e);
        }
    }

    /** What the file system says; of some failures Java names the path only. */
    private static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "this user may not write there";
            case FileAlreadyExistsException _ -> "it is a file, not a folder";
            default -> String.valueOf(failure.getMessage());
        };
    }

    private static FileChannel lock(Path path) throws IOException {
        var channel =
                FileChannel.open(
                        path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new StartException(
                    "The data folder %s is in use by a broker in this process".formatted(path), e);
        }
        channel.close();
        throw new StartException(
                "The data folder %s is in use by another broker: stop that, or choose another with --data-dir"
                        .formatted(path),
                null);
    }

    private static String mark(Disk disk, Path path, int nodeId) throws IOException {
        ByteBuffer present = disk.readWhole(path.resolve(MARK));
        var properties = new Properties();
        if (present.hasRemaining()) {
            properties.load(new StringReader(StandardCharsets.UTF_8.decode(present).toString()));
            String owner = properties.getProperty("node.id", "");
            if (!owner.equals(Integer.toString(nodeId))) {
                throw new StartException(
                        "The data folder %s belongs to node %s, this is node %d: set node.id=%s or choose another folder"
                                .formatted(path, owner, nodeId, owner),
                        null);
            }
            return properties.getProperty("cluster.id", "");
        }
        String clusterId = newClusterId();
        String text = "version=1\ncluster.id=%s\nnode.id=%d\n".formatted(clusterId, nodeId);
        disk.replace(
                path.resolve(MARK), ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), true);
        return clusterId;
    }

    /** A random id in the form that Kafka gives its clusters. */
    private static String newClusterId() {
        UUID random = UUID.randomUUID();
        var bytes =
                ByteBuffer.allocate(2 * Long.BYTES)
                        .putLong(random.getMostSignificantBits() & (~0L >>> 1))
                        .putLong(random.getLeastSignificantBits());
        String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
        return Uuid.fromString(id).toString();
    }

    Path path() {
        return path;
    }

    String clusterId() {
        return clusterId;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
