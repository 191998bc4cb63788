package io.millrace.broker;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.flush.FolderDeletion;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * The folder that a broker keeps everything in: locked against a second broker, and marked with the
 * cluster and node that it belongs to. Used by the thread that starts and stops the broker.
 */
final class DataFolder implements AutoCloseable {
    private final Path path;
    private final FileChannel lock;
    private final FolderMark mark;

    private DataFolder(Path path, FileChannel lock, FolderMark mark) {
        this.path = path;
        this.lock = lock;
        this.mark = mark;
    }

    /**
     * The same for a node that takes the cluster's id from its folder.
     *
     * @throws StartException if it belongs to another node or broker, or cannot be used
     */
    static DataFolder open(Disk disk, Path path, int nodeId) {
        return open(disk, path, nodeId, "");
    }

    /**
     * Makes the folder if there is none, locks it, and clears what deletions have left.
     *
     * @param clusterId the cluster that it has to belong to; empty for the one that it does
     * @throws StartException if it belongs to another cluster, node or broker, or cannot be used
     */
    static DataFolder open(Disk disk, Path path, int nodeId, String clusterId) {
        try {
            disk.createFolder(path);
            FileChannel lock = lock(path);
            try {
                FolderMark mark = FolderMark.of(disk, path, nodeId, clusterId);
                clearDeleted(disk, path);
                return new DataFolder(path, lock, mark);
            } catch (IOException | StartException e) {
                lock.close();
                throw e;
            }
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

    private static void clearDeleted(Disk disk, Path path) throws IOException {
        for (String name : disk.list(path)) {
            if (name.endsWith(FolderDeletion.SUFFIX)) {
                disk.delete(path.resolve(name));
            }
        }
    }

    Path path() {
        return path;
    }

    String clusterId() {
        return mark.clusterId();
    }

    /** The folder's own, from its first start on. */
    UUID directoryId() {
        return mark.directoryId();
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
