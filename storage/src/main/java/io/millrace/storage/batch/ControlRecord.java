package io.millrace.storage.batch;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The one record of a control batch that ends a transaction, in Kafka's format (KIP-98).
 *
 * @param commit whether it commits; else it aborts
 * @param coordinatorEpoch leader epoch of the coordinator that decided
 */
public record ControlRecord(boolean commit, int coordinatorEpoch) {
    private static final short VERSION = 0;
    private static final short ABORT = 0;
    private static final short COMMIT = 1;
    private static final int KEY_BYTES = 4;
    private static final int VALUE_BYTES = 6;
    private static final int NO_SEQUENCE = -1;

    /** The batch that ends a producer's transaction; the log assigns its offset. */
    public ByteBuffer batch(long producerId, short epoch, long timestampMs) {
        var key = ByteBuffer.allocate(KEY_BYTES).putShort(VERSION);
        var value = ByteBuffer.allocate(VALUE_BYTES).putShort(VERSION);
        return new BatchBuilder()
                .producer(producerId, epoch, NO_SEQUENCE)
                .transactional()
                .control()
                .add(
                        timestampMs,
                        key.putShort(commit ? COMMIT : ABORT).array(),
                        value.putInt(coordinatorEpoch).array())
                .build();
    }

    /**
     * What a control batch says; null if it is of another kind, which ends no transaction.
     *
     * @param batch with its records
     * @throws MalformedBatchException if the record cannot be read, or is not there
     */
    public static @Nullable ControlRecord of(RecordBatchView batch) {
        try (var cursor = new RecordCursor(batch)) {
            RecordView record = cursor.next();
            ByteBuffer key = record == null ? null : record.key();
            ByteBuffer value = record == null ? null : record.value();
            if (key == null
                    || value == null
                    || key.remaining() < KEY_BYTES
                    || value.remaining() < VALUE_BYTES) {
                throw new MalformedBatchException("it has no record of a control batch");
            }
            short type = key.getShort(key.position() + Short.BYTES);
            return type == ABORT || type == COMMIT
                    ? new ControlRecord(
                            type == COMMIT, value.getInt(value.position() + Short.BYTES))
                    : null;
        }
    }
}
