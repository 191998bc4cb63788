package io.millrace.storage.batch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Encodes one record's fields. */
final class RecordWriter {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(128);

    void writeByte(int value) {
        body.write(value);
    }

    void writeVarint(int value) {
        writeVarlong(value);
    }

    void writeVarlong(long value) {
        writeVarlong(value, body);
    }

    private static void writeVarlong(long value, ByteArrayOutputStream target) {
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7FL) != 0) {
            target.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        target.write((int) rest);
    }

    void writeNullable(byte @Nullable [] value) {
        writeNullable(value == null ? null : ByteBuffer.wrap(value));
    }

    void writeNullable(@Nullable ByteBuffer value) {
        if (value == null) {
            writeVarint(-1);
        } else {
            writeVarint(value.remaining());
            writeAll(value);
        }
    }

    void writeAll(ByteBuffer value) {
        byte[] copy = new byte[value.remaining()];
        value.duplicate().get(copy);
        body.writeBytes(copy);
    }

    void writeLengthAndBodyTo(OutputStream target) throws IOException {
        var length = new ByteArrayOutputStream(5);
        writeVarlong(body.size(), length);
        length.writeTo(target);
        body.writeTo(target);
    }
}
