package io.millrace.broker;

import io.millrace.broker.loop.PartitionId;
import io.millrace.storage.StorageException;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.flush.FlushQueue;
import io.millrace.storage.flush.FolderDeletion;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of partitions that have replicas elsewhere, each marked with its topic's id as Kafka
 * marks them: a topic may have been deleted, and made again under its name, while this broker was
 * away. Thread-safe for different partitions.
 */
final class PartitionFolders {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionFolders.class);
    private static final String MARK = "partition.metadata";
    private static final String METADATA = "__cluster_metadata-0";
    private static final Pattern NAME = Pattern.compile(".+-(\\d{1,10})");

    private final Disk disk;
    private final Path data;
    private final FolderDeletion deletion;

    /**
     * @param background deletes what is not needed any more
     */
    PartitionFolders(Disk disk, Path data, FlushQueue background) {
        this.disk = disk;
        this.data = data;
        this.deletion =
                new FolderDeletion(
                        disk, background, (folder, what) -> LOG.warn("{} {}", folder, what));
    }

    /** The folder of a partition. */
    Path of(PartitionId id) {
        return data.resolve(id.folder());
    }

    /**
     * The folder of a partition, marked as its own; what another topic of the name has left there
     * is thrown away. Blocks.
     *
     * @throws StorageException if the disk fails
     */
    Path claim(PartitionId id) {
        Path folder = of(id);
        try {
            String owner = owner(folder);
            if (owner.equals(wire(id.topicId()))) {
                return folder;
            }
            if (!owner.isEmpty()) {
                LOG.info("{} is of a topic that was deleted: its records are thrown away", folder);
                deletion.delete(folder);
            }
            disk.createFolder(folder);
            String text = "version: 0\ntopic_id: %s\n".formatted(wire(id.topicId()));
            disk.replace(
                    folder.resolve(MARK),
                    ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)),
                    true);
            return folder;
        } catch (IOException e) {
            throw new StorageException(folder, "cannot be prepared for the partition", e);
        }
    }

    /** Throws away every marked folder of a partition that is not one of these. Blocks. */
    void keepOnly(Set<PartitionId> hosted) {
        try {
            for (String name : disk.list(data)) {
                Path folder = data.resolve(name);
                if (NAME.matcher(name).matches()
                        && !name.endsWith(FolderDeletion.SUFFIX)
                        && !name.equals(METADATA)
                        && !isOneOf(hosted, name, owner(folder))) {
                    LOG.info("{} is not this broker's any more: it is thrown away", folder);
                    deletion.delete(folder);
                }
            }
        } catch (IOException e) {
            throw new StorageException(data, "cannot be cleared of what is gone", e);
        }
    }

    /** A folder without a mark is not looked at. */
    private static boolean isOneOf(Set<PartitionId> hosted, String name, String owner) {
        return owner.isEmpty()
                || hosted.stream()
                        .anyMatch(
                                id -> id.folder().equals(name) && wire(id.topicId()).equals(owner));
    }

    private String owner(Path folder) throws IOException {
        ByteBuffer mark = disk.readWhole(folder.resolve(MARK));
        var properties = new Properties();
        properties.load(new StringReader(StandardCharsets.UTF_8.decode(mark).toString()));
        return properties.getProperty("topic_id", "");
    }

    private static String wire(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits()).toString();
    }
}
