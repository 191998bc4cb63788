package io.millrace.storage.batch;

import java.nio.ByteBuffer;

/** Rewrites the few header fields that the broker owns, in place. Stateless. */
public final class RecordBatchEditor {
    private RecordBatchEditor() {}

    /** Sets the base offset and the leader epoch, which the CRC does not cover. */
    public static void assign(ByteBuffer bytes, int position, long baseOffset, int leaderEpoch) {
        bytes.putLong(position, baseOffset);
        bytes.putInt(position + RecordBatchView.EPOCH_AT, leaderEpoch);
    }

    /** Stamps the batch with the time of its append, and its CRC anew. */
    public static void setLogAppendTime(ByteBuffer bytes, int position, long timestampMs) {
        int at = position + RecordBatchView.ATTRIBUTES_AT;
        bytes.putShort(at, (short) (bytes.getShort(at) | RecordBatchView.LOG_APPEND_TIME_FLAG));
        setMaxTimestamp(bytes, position, timestampMs);
    }

    /** Sets the largest timestamp, and the CRC anew. */
    public static void setMaxTimestamp(ByteBuffer bytes, int position, long timestampMs) {
        bytes.putLong(position + RecordBatchView.MAX_TIMESTAMP_AT, timestampMs);
        writeCrc(bytes, position);
    }

    static void writeCrc(ByteBuffer bytes, int position) {
        int size =
                bytes.getInt(position + RecordBatchView.LENGTH_AT)
                        + RecordBatchView.LENGTH_OVERHEAD_BYTES;
        int crc =
                RecordBatchView.crcOf(
                        bytes, position + RecordBatchView.ATTRIBUTES_AT, position + size);
        bytes.putInt(position + RecordBatchView.CRC_AT, crc);
    }
}
