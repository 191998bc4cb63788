package io.millrace.broker.shard;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One change of a machine's state, as its partition keeps it.
 *
 * @param value null removes what the key names
 */
public record StoredRecord(ByteString key, @Nullable ByteString value) {
    /** A record as read from the log; the buffers are copied. */
    public static StoredRecord read(ByteBuffer key, @Nullable ByteBuffer value) {
        return new StoredRecord(
                ByteString.copyFrom(key), value == null ? null : ByteString.copyFrom(value));
    }
}
