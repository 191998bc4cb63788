package io.millrace.cluster.quorum;

import com.google.protobuf.ByteString;
import io.millrace.storage.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The metadata snapshot on disk: CRC, end offset, bytes; replaced in one step. */
final class SnapshotFile {
    private static final int HEADER_BYTES = 12;

    private final Disk disk;
    private final Path folder;

    SnapshotFile(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    record Content(ByteString bytes, long endOffset) {}

    /** The snapshot; null if there is none. */
    @Nullable Content read() throws IOException {
        Path file = folder.resolve("snapshot");
        ByteBuffer bytes = disk.readWhole(file);
        if (!bytes.hasRemaining()) {
            return null;
        }
        if (bytes.remaining() < HEADER_BYTES || bytes.getInt(0) != crcOf(bytes)) {
            throw new IOException(
                    file + " is damaged: restore it from a backup; the topics are named in it");
        }
        long endOffset = bytes.getLong(4);
        return new Content(ByteString.copyFrom(bytes.position(HEADER_BYTES)), endOffset);
    }

    void write(ByteString snapshot, long endOffset) throws IOException {
        var bytes = ByteBuffer.allocate(HEADER_BYTES + snapshot.size());
        bytes.putInt(0).putLong(endOffset);
        snapshot.copyTo(bytes);
        bytes.flip();
        bytes.putInt(0, crcOf(bytes));
        disk.replace(folder.resolve("snapshot"), bytes, true);
    }

    private static int crcOf(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate().position(4));
        return (int) crc.getValue();
    }
}
