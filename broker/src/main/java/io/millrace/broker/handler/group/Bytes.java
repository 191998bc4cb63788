package io.millrace.broker.handler.group;

import java.nio.ByteBuffer;

/** Copies of buffers, for messages that carry arrays. Stateless. */
final class Bytes {
    private Bytes() {}

    static byte[] of(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        return copy;
    }
}
