package io.millrace.storage;

import io.millrace.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * A range of a data file that holds batches, the last perhaps in part. Holds the file until it is
 * released, once; from any thread.
 */
public final class LogSlice {
    private final @Nullable SegmentFile file;
    private final long position;
    private final int sizeBytes;
    private final long endOffset;

    LogSlice(@Nullable SegmentFile file, long position, int sizeBytes, long endOffset) {
        this.file = file == null ? null : file.retain();
        this.position = position;
        this.sizeBytes = sizeBytes;
        this.endOffset = endOffset;
    }

    static LogSlice empty() {
        return new LogSlice(null, 0, 0, 0);
    }

    public int sizeBytes() {
        return sizeBytes;
    }

    /** An offset that every batch in the range is before; perhaps not the least such. */
    public long endOffset() {
        return endOffset;
    }

    /** Where the range begins in the file, in bytes. */
    public long position() {
        return position;
    }

    /** The channel of the file, for sendfile; null if it has none. */
    public @Nullable FileChannel channelOrNull() {
        return file == null ? null : file.disk().channel();
    }

    /**
     * A copy of the bytes. Blocks.
     *
     * @throws StorageException if the disk fails
     */
    public ByteBuffer read() {
        var copy = ByteBuffer.allocate(sizeBytes);
        if (file != null) {
            try {
                file.disk().read(copy, position);
            } catch (IOException e) {
                throw new StorageException(file.path(), "cannot read", e);
            }
        }
        return copy.flip();
    }

    /** Lets go of the file. */
    public void release() {
        if (file != null) {
            file.release();
        }
    }
}
