package io.millrace.broker.handler.queue;

import io.millrace.storage.batch.BatchBuilder.Header;
import io.millrace.storage.batch.MalformedBatchException;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds records one by one in the batches that were read last, for copying. On one loop. A record
 * that is not there any more, or cannot be read, is as one without key, value and headers.
 */
final class Originals {
    private static final Original NOTHING = new Original(null, null, List.of());
    private static final long NONE_YET = -1;

    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private long readFor = NONE_YET;

    /** What a record was. */
    static final class Original {
        private final byte @Nullable [] key;
        private final byte @Nullable [] value;
        private final List<Header> headers;

        Original(byte @Nullable [] key, byte @Nullable [] value, List<Header> headers) {
            this.key = key;
            this.value = value;
            this.headers = headers;
        }

        byte @Nullable [] key() {
            return key;
        }

        byte @Nullable [] value() {
            return value;
        }

        List<Header> headers() {
            return headers;
        }
    }

    /** Takes the batches that were read for an offset, in place of those from before. */
    void take(long offset, ByteBuffer batches) {
        readFor = offset;
        bytes = batches;
    }

    /** Whether {@link #of} can say what there is to say of an offset. */
    boolean knows(long offset) {
        return offset == readFor || holding(offset) != null;
    }

    /** The record of an offset. */
    Original of(long offset) {
        RecordBatchView view = holding(offset);
        try {
            return view == null ? NOTHING : find(view, offset);
        } catch (MalformedBatchException e) {
            return NOTHING;
        }
    }

    /** The batch that holds an offset; null if none does. */
    private @Nullable RecordBatchView holding(long offset) {
        var view = new RecordBatchView();
        int position = bytes.position();
        while (bytes.limit() - position >= RecordBatchView.HEADER_BYTES) {
            int sizeBytes = view.wrap(bytes, position).sizeBytes();
            if (sizeBytes < RecordBatchView.HEADER_BYTES || sizeBytes > bytes.limit() - position) {
                return null;
            }
            if (view.baseOffset() <= offset && view.lastOffset() >= offset) {
                return view;
            }
            position += sizeBytes;
        }
        return null;
    }

    private static Original find(RecordBatchView view, long offset) {
        try (var cursor = new RecordCursor(view)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                if (cursor.offset() == offset) {
                    return new Original(copy(record.key()), copy(record.value()), headers(record));
                }
            }
        }
        return NOTHING;
    }

    private static byte @Nullable [] copy(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static List<Header> headers(RecordView record) {
        var reader = new HeaderReader(record.encodedHeaders());
        var headers = new ArrayList<Header>();
        for (int i = 0; i < record.headerCount(); i++) {
            byte[] name = copy(reader.next());
            byte[] value = copy(reader.next());
            if (name != null) {
                headers.add(
                        new Header(
                                ByteBuffer.wrap(name),
                                value == null ? null : ByteBuffer.wrap(value)));
            }
        }
        return headers;
    }
}
