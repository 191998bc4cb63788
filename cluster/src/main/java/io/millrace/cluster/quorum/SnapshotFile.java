package io.millrace.cluster.quorum;

import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.zip.CRC32C;

/**
 * The metadata snapshot on disk: CRC, end offset, {@link SnapshotCodec bytes}; replaced in one
 * step. Written and read in small parts.
 */
final class SnapshotFile {
    private static final int HEADER_BYTES = 12;
    private static final int CRC_BYTES = 4;
    private static final int BUFFER_BYTES = 64 << 10;

    private final Disk disk;
    private final Path folder;
    private final Path path;

    SnapshotFile(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
        this.path = folder.resolve("snapshot");
    }

    /** Takes the records of a snapshot. */
    interface Target {
        void restored(Iterator<MetadataRecord> records, long endOffset);
    }

    /** Gives the snapshot to who wants it, and its end offset; 0 and nothing if there is none. */
    long read(Target target) throws IOException {
        if (disk.size(path) == 0) {
            return 0;
        }
        DiskFile file = disk.open(path);
        try {
            var header = ByteBuffer.allocate(HEADER_BYTES);
            if (file.read(header, 0) < HEADER_BYTES || header.getInt(0) != crcOf(file)) {
                throw new IOException(
                        path + " is damaged: restore it from a backup; the topics are named in it");
            }
            long endOffset = header.getLong(CRC_BYTES);
            target.restored(SnapshotCodec.read(new Input(file)), endOffset);
            return endOffset;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            file.close();
        }
    }

    private static int crcOf(DiskFile file) throws IOException {
        var crc = new CRC32C();
        var buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long position = CRC_BYTES;
        while (file.read(buffer, position) > 0) {
            position += buffer.flip().remaining();
            crc.update(buffer);
            buffer.clear();
        }
        return (int) crc.getValue();
    }

    void write(Iterator<MetadataRecord> records, long endOffset) throws IOException {
        Path fresh = folder.resolve("snapshot.tmp");
        disk.delete(fresh);
        DiskFile file = disk.open(fresh);
        try {
            var header = ByteBuffer.allocate(HEADER_BYTES).putLong(CRC_BYTES, endOffset);
            var output = new Output(file);
            output.crc.update(header.duplicate().position(CRC_BYTES));
            SnapshotCodec.write(records, endOffset, output);
            header.putInt(0, (int) output.crc.getValue());
            file.write(header, 0);
            file.sync();
        } finally {
            file.close();
        }
        disk.rename(fresh, path);
        disk.syncFolder(folder);
    }

    /** Behind the header. */
    private static final class Output extends OutputStream {
        private final DiskFile file;
        private final CRC32C crc = new CRC32C();
        private long position = HEADER_BYTES;

        Output(DiskFile file) {
            this.file = file;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            crc.update(bytes, from, length);
            file.write(ByteBuffer.wrap(bytes, from, length), position);
            position += length;
        }
    }

    /** What is behind the header. */
    private static final class Input extends InputStream {
        private final DiskFile file;
        private long position = HEADER_BYTES;

        Input(DiskFile file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int read = file.read(ByteBuffer.wrap(target, from, length), position);
            position += Math.max(0, read);
            return read <= 0 && length > 0 ? -1 : read;
        }
    }
}
