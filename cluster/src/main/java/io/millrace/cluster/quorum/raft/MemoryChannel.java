package io.millrace.cluster.quorum.raft;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.apache.kafka.common.network.TransferableChannel;

/** Takes what would go to a socket into memory. */
final class MemoryChannel implements TransferableChannel {
    private final ByteBuffer bytes;

    MemoryChannel(int sizeBytes) {
        bytes = ByteBuffer.allocate(sizeBytes);
    }

    /** What has come. */
    ByteBuffer bytes() {
        return bytes.duplicate().flip();
    }

    @Override
    public long transferFrom(FileChannel file, long position, long count) throws IOException {
        int read = file.read(bytes.slice(bytes.position(), (int) count), position);
        if (read < 0) {
            throw new EOFException("a file of the metadata log ends at " + position);
        }
        bytes.position(bytes.position() + read);
        return read;
    }

    @Override
    public int write(ByteBuffer source) {
        int size = source.remaining();
        bytes.put(source);
        return size;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long written = 0;
        for (int i = offset; i < offset + length; i++) {
            written += write(sources[i]);
        }
        return written;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public boolean hasPendingWrites() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
