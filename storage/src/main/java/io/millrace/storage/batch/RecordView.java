package io.millrace.storage.batch;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one record in place. Valid until its cursor moves on. A flyweight: parsing allocates
 * nothing.
 */
public final class RecordView {
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private int start;
    private int end;
    private int at;
    private long timestampDelta;
    private int offsetDelta;
    private int keyAt;
    private int keyBytes;
    private int valueAt;
    private int valueBytes;
    private int headersAt;
    private int headerCount;

    /**
     * Parses the record between two positions, without its length field, and checks that it fills
     * them exactly.
     *
     * @throws MalformedBatchException if it does not
     */
    RecordView parse(ByteBuffer source, int from, int to) {
        bytes = source;
        start = from;
        end = to;
        at = from;
        skip(1);
        timestampDelta = readVarlong();
        offsetDelta = readVarint();
        keyBytes = readVarint();
        keyAt = at;
        skipNullable(keyBytes, "key");
        valueBytes = readVarint();
        valueAt = at;
        skipNullable(valueBytes, "value");
        headerCount = readVarint();
        headersAt = at;
        skipHeaders();
        if (at != end) {
            throw new MalformedBatchException("a record is longer than its fields");
        }
        return this;
    }

    private void skipHeaders() {
        if (headerCount < 0 || headerCount > end - at) {
            throw new MalformedBatchException("a record claims %d headers".formatted(headerCount));
        }
        for (int i = 0; i < headerCount; i++) {
            int nameBytes = readVarint();
            if (nameBytes < 0) {
                throw new MalformedBatchException("a header without a name");
            }
            skip(nameBytes);
            skipNullable(readVarint(), "header");
        }
    }

    private void skipNullable(int length, String what) {
        if (length < -1) {
            throw new MalformedBatchException("a %s of %d bytes".formatted(what, length));
        }
        if (length > 0) {
            skip(length);
        }
    }

    private void skip(int count) {
        if (count > end - at) {
            throw new MalformedBatchException("a field reaches past the end of its record");
        }
        at += count;
    }

    private int readVarint() {
        long value = readVarlong();
        if (value != (int) value) {
            throw new MalformedBatchException("a number that does not fit into 32 bits");
        }
        return (int) value;
    }

    private long readVarlong() {
        long raw = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) {
                throw new MalformedBatchException("a number reaches past the end of its record");
            }
            byte next = bytes.get(at++);
            raw |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return raw >>> 1 ^ -(raw & 1);
            }
        }
        throw new MalformedBatchException("a number of more than 64 bits");
    }

    public long timestampDelta() {
        return timestampDelta;
    }

    public int offsetDelta() {
        return offsetDelta;
    }

    public boolean hasKey() {
        return keyBytes >= 0;
    }

    /** The key, a slice of the batch; null if the record has none. */
    public @Nullable ByteBuffer key() {
        return keyBytes < 0 ? null : bytes.slice(keyAt, keyBytes);
    }

    public boolean hasValue() {
        return valueBytes >= 0;
    }

    /** The value, a slice of the batch; null for a tombstone. */
    public @Nullable ByteBuffer value() {
        return valueBytes < 0 ? null : bytes.slice(valueAt, valueBytes);
    }

    public int headerCount() {
        return headerCount;
    }

    /** The headers as encoded: for each, length, name, length, value. */
    public ByteBuffer encodedHeaders() {
        return bytes.slice(headersAt, end - headersAt);
    }

    /** The whole record as encoded, without its length field. */
    public ByteBuffer encoded() {
        return bytes.slice(start, end - start);
    }
}
