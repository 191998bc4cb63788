package io.millrace.broker.handler.queue;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Walks the encoded headers of a record that has been parsed before: its lengths are sound. */
public final class HeaderReader {
    private final ByteBuffer encoded;

    public HeaderReader(ByteBuffer encoded) {
        this.encoded = encoded;
    }

    /** The next name or value, a slice of the batch; null if it is none. */
    public @Nullable ByteBuffer next() {
        int length = varint();
        if (length < 0) {
            return null;
        }
        ByteBuffer slice = encoded.slice(encoded.position(), length);
        encoded.position(encoded.position() + length);
        return slice;
    }

    private int varint() {
        int raw = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += 7) {
            byte part = encoded.get();
            raw |= (part & 0x7f) << shift;
            if (part >= 0) {
                break;
            }
        }
        return raw >>> 1 ^ -(raw & 1);
    }
}
