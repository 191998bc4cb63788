package io.millrace.storage.batch;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** A stream over a buffer. */
final class BufferInput extends InputStream {
    private final ByteBuffer source;

    BufferInput(ByteBuffer source) {
        this.source = source;
    }

    @Override
    public int read() {
        return source.hasRemaining() ? source.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (!source.hasRemaining()) {
            return -1;
        }
        int count = Math.min(length, source.remaining());
        source.get(target, offset, count);
        return count;
    }

    @Override
    public int available() {
        return source.remaining();
    }
}
