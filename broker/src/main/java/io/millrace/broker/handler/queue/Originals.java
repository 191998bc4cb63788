package io.millrace.broker.handler.queue;

import io.millrace.broker.loop.Partition;
import io.millrace.storage.LogSlice;
import io.millrace.storage.StorageException;
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
 * Reads records one by one out of a log, in the order of their offsets, for copying; keeps the
 * batch that it is in. On the partition's loop. A record that is not there any more, or cannot be
 * read, is as one without key, value and headers.
 */
final class Originals {
    private static final Original NOTHING = new Original(null, null, List.of());

    private final Partition partition;
    private ByteBuffer bytes = ByteBuffer.allocate(0);

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

    Originals(Partition partition) {
        this.partition = partition;
    }

    Original of(long offset) {
        try {
            var view = new RecordBatchView();
            if (!holds(view, offset)) {
                LogSlice slice = partition.read(offset, partition.highWatermark(), 1, true);
                bytes = slice.read();
                slice.release();
            }
            return holds(view, offset) ? find(view, offset) : NOTHING;
        } catch (StorageException | MalformedBatchException e) {
            return NOTHING;
        }
    }

    private boolean holds(RecordBatchView view, long offset) {
        return bytes.limit() >= RecordBatchView.HEADER_BYTES
                && view.wrap(bytes, 0).sizeBytes() <= bytes.limit()
                && view.baseOffset() <= offset
                && view.lastOffset() >= offset;
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
