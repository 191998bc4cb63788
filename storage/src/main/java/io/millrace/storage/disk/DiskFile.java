package io.millrace.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** One open file. Reads, syncs and the channel may be used from any thread. */
public interface DiskFile {
    /**
     * Writes all remaining bytes at a position.
     *
     * @throws DiskFullException if they do not fit; a part may have been written
     */
    void write(ByteBuffer bytes, long position) throws IOException;

    /** Reads into the buffer until it is full or the file ends; returns how many bytes. */
    int read(ByteBuffer target, long position) throws IOException;

    /** Makes what was written durable (fdatasync). Never retry it after a failure. */
    void sync() throws IOException;

    /** Cuts the file to {@code size} bytes. */
    void truncate(long size) throws IOException;

    long size() throws IOException;

    /** The channel, for sendfile; null if this file has none. */
    @Nullable FileChannel channel();

    void close() throws IOException;
}
