package io.millrace.storage.batch;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Reads one batch header in place. Valid only while the wrapped bytes are. A flyweight for the hot
 * paths: wrap it again instead of making another. Offsets of fields are those of Kafka's record
 * batch format, magic 2.
 */
public final class RecordBatchView {
    /** Bytes of the header, up to the first record. */
    public static final int HEADER_BYTES = 61;

    /** Bytes before those that the length field counts. */
    public static final int LENGTH_OVERHEAD_BYTES = 12;

    /** The only format that is stored. */
    public static final byte MAGIC = 2;

    /** What is before this, the offset and the leader epoch among it, the CRC does not cover. */
    public static final int CRC_COVERS_FROM = 21;

    /** No producer id. */
    public static final long NO_PRODUCER = -1;

    static final int LENGTH_AT = 8;
    static final int EPOCH_AT = 12;
    static final int MAGIC_AT = 16;
    static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = CRC_COVERS_FROM;
    static final int LAST_OFFSET_DELTA_AT = 23;
    static final int BASE_TIMESTAMP_AT = 27;
    static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    static final int PRODUCER_EPOCH_AT = 51;
    static final int BASE_SEQUENCE_AT = 53;
    static final int RECORD_COUNT_AT = 57;

    static final int CODEC_MASK = 0x07;
    static final int LOG_APPEND_TIME_FLAG = 0x08;
    static final int TRANSACTIONAL_FLAG = 0x10;
    static final int CONTROL_FLAG = 0x20;
    static final int DELETE_HORIZON_FLAG = 0x40;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private ByteBuffer bytes = NOTHING;
    private int position;

    /**
     * Points this view at a batch.
     *
     * @param source big-endian; at least {@link #HEADER_BYTES} from {@code start}
     */
    public RecordBatchView wrap(ByteBuffer source, int start) {
        bytes = source;
        position = start;
        return this;
    }

    public ByteBuffer bytes() {
        return bytes;
    }

    public int position() {
        return position;
    }

    public long baseOffset() {
        return bytes.getLong(position);
    }

    /** The length field: bytes after itself. */
    public int batchLength() {
        return bytes.getInt(position + LENGTH_AT);
    }

    /** All bytes of the batch, if the length field is right. */
    public int sizeBytes() {
        return batchLength() + LENGTH_OVERHEAD_BYTES;
    }

    public int partitionLeaderEpoch() {
        return bytes.getInt(position + EPOCH_AT);
    }

    public byte magic() {
        return bytes.get(position + MAGIC_AT);
    }

    public int crc() {
        return bytes.getInt(position + CRC_AT);
    }

    public short attributes() {
        return bytes.getShort(position + ATTRIBUTES_AT);
    }

    /** The number of the codec, which may be one that is not known. */
    public int codecId() {
        return attributes() & CODEC_MASK;
    }

    public boolean isLogAppendTime() {
        return (attributes() & LOG_APPEND_TIME_FLAG) != 0;
    }

    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_FLAG) != 0;
    }

    public boolean isControl() {
        return (attributes() & CONTROL_FLAG) != 0;
    }

    /** Whether the base timestamp is a delete horizon (KIP-534). */
    public boolean hasDeleteHorizon() {
        return (attributes() & DELETE_HORIZON_FLAG) != 0;
    }

    public int lastOffsetDelta() {
        return bytes.getInt(position + LAST_OFFSET_DELTA_AT);
    }

    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    public long baseTimestamp() {
        return bytes.getLong(position + BASE_TIMESTAMP_AT);
    }

    public long maxTimestamp() {
        return bytes.getLong(position + MAX_TIMESTAMP_AT);
    }

    public long producerId() {
        return bytes.getLong(position + PRODUCER_ID_AT);
    }

    public boolean hasProducer() {
        return producerId() != NO_PRODUCER;
    }

    public short producerEpoch() {
        return bytes.getShort(position + PRODUCER_EPOCH_AT);
    }

    public int baseSequence() {
        return bytes.getInt(position + BASE_SEQUENCE_AT);
    }

    /** Sequence of the last record; wraps past the largest int to 0. */
    public int lastSequence() {
        return Sequences.plus(baseSequence(), lastOffsetDelta());
    }

    public int recordCount() {
        return bytes.getInt(position + RECORD_COUNT_AT);
    }

    /** CRC32C from the attributes to the end of the batch. The length must have been checked. */
    public int computedCrc() {
        return crcOf(bytes, position + ATTRIBUTES_AT, position + sizeBytes());
    }

    public boolean isCrcValid() {
        return crc() == computedCrc();
    }

    static int crcOf(ByteBuffer source, int from, int to) {
        var crc = new CRC32C();
        crc.update(source.duplicate().limit(to).position(from));
        return (int) crc.getValue();
    }
}
