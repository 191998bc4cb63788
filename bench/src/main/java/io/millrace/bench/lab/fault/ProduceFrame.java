package io.millrace.bench.lab.fault;

import java.nio.ByteBuffer;

/**
 * As much of a request as the network has to know.
 *
 * @param isProduce whether it is a produce
 * @param isAnswered whether the broker will answer it: a produce with acks=0 it does not
 */
record ProduceFrame(boolean isProduce, boolean isAnswered) {
    private static final int FIRST_FLEXIBLE = 9;
    private static final int FIRST_TRANSACTIONAL = 3;

    /** Reads a frame, its length before it. */
    static ProduceFrame of(byte[] frame) {
        ByteBuffer in = ByteBuffer.wrap(frame, Integer.BYTES, frame.length - Integer.BYTES);
        if (in.getShort() != 0) {
            return new ProduceFrame(false, true);
        }
        short version = in.getShort();
        in.getInt();
        skip(in, in.getShort());
        if (version >= FIRST_FLEXIBLE) {
            skipTags(in);
            skip(in, varint(in) - 1);
        } else if (version >= FIRST_TRANSACTIONAL) {
            skip(in, in.getShort());
        }
        return new ProduceFrame(true, in.getShort() != 0);
    }

    private static void skip(ByteBuffer in, int bytes) {
        in.position(in.position() + Math.max(0, bytes));
    }

    private static void skipTags(ByteBuffer in) {
        for (int tags = varint(in); tags > 0; tags--) {
            varint(in);
            skip(in, varint(in));
        }
    }

    private static int varint(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
