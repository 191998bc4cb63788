package io.millrace.storage.batch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds one batch from records. The first record's offset is the base offset; offsets may have
 * gaps (compaction leaves them). Used once, by one thread.
 */
public final class BatchBuilder {
    private static final int NO_SEQUENCE = -1;

    private final long baseOffset;
    private final Codec codec;
    private final ByteArrayOutputStream compressed = new ByteArrayOutputStream(256);
    private final OutputStream records;
    private int attributes;
    private int recordCount;
    private long lastOffset;
    private long baseTimestamp = -1;
    private long maxTimestamp = -1;
    private boolean timestampsBegun;
    private int leaderEpoch;
    private long producerId = RecordBatchView.NO_PRODUCER;
    private short producerEpoch = -1;
    private int baseSequence = NO_SEQUENCE;

    /** One header of a record. */
    public record Header(ByteBuffer name, @Nullable ByteBuffer value) {}

    public BatchBuilder(long baseOffset, Codec codec, int level) {
        this.baseOffset = baseOffset;
        this.lastOffset = baseOffset;
        this.codec = codec;
        this.attributes = codec.id();
        try {
            this.records = codec.compress(compressed, level);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot compress with " + codec, e);
        }
    }

    /** An uncompressed batch whose offsets the log will assign. */
    public BatchBuilder() {
        this(0, Codec.NONE, Codec.DEFAULT_LEVEL);
    }

    public BatchBuilder leaderEpoch(int epoch) {
        leaderEpoch = epoch;
        return this;
    }

    /** Names the producer and the sequence of its first record. */
    public BatchBuilder producer(long id, short epoch, int sequence) {
        producerId = id;
        producerEpoch = epoch;
        baseSequence = sequence;
        return this;
    }

    /** Marks the batch as part of a transaction. */
    public BatchBuilder transactional() {
        attributes |= RecordBatchView.TRANSACTIONAL_FLAG;
        return this;
    }

    /** Marks the batch as the log's own: its records are no data. */
    public BatchBuilder control() {
        attributes |= RecordBatchView.CONTROL_FLAG;
        return this;
    }

    /** Marks the batch as stamped by the log: all its records have that time. */
    public BatchBuilder logAppendTime(long timestampMs) {
        attributes |= RecordBatchView.LOG_APPEND_TIME_FLAG;
        maxTimestamp = timestampMs;
        return this;
    }

    /** Keeps, in place of the base timestamp, when tombstones may go (KIP-534). */
    public BatchBuilder deleteHorizon(long horizonMs) {
        attributes |= RecordBatchView.DELETE_HORIZON_FLAG;
        timestampsBegun = true;
        baseTimestamp = horizonMs;
        return this;
    }

    public int recordCount() {
        return recordCount;
    }

    /** Bytes that the records take so far, as far as the codec has let them out. */
    public int bytesSoFar() {
        return RecordBatchView.HEADER_BYTES + compressed.size();
    }

    /** Adds a record at the next offset. */
    public BatchBuilder add(
            long timestampMs, byte @Nullable [] key, byte @Nullable [] value, Header... headers) {
        long offset = recordCount == 0 ? baseOffset : lastOffset + 1;
        var body = new RecordWriter();
        beginTimestamps(timestampMs);
        body.writeByte(0);
        body.writeVarlong(timestampMs - baseTimestamp);
        body.writeVarint((int) (offset - baseOffset));
        body.writeNullable(key);
        body.writeNullable(value);
        body.writeVarint(headers.length);
        for (Header header : List.of(headers)) {
            body.writeNullable(header.name());
            body.writeNullable(header.value());
        }
        return put(body, offset, timestampMs);
    }

    /** Adds a record that another batch holds, keeping everything of it but its deltas. */
    public BatchBuilder copy(RecordView record, long offset, long timestampMs) {
        var body = new RecordWriter();
        beginTimestamps(timestampMs);
        body.writeByte(0);
        body.writeVarlong(timestampMs - baseTimestamp);
        body.writeVarint((int) (offset - baseOffset));
        body.writeNullable(record.key());
        body.writeNullable(record.value());
        body.writeVarint(record.headerCount());
        body.writeAll(record.encodedHeaders());
        return put(body, offset, timestampMs);
    }

    private void beginTimestamps(long timestampMs) {
        if (!timestampsBegun) {
            timestampsBegun = true;
            baseTimestamp = timestampMs;
        }
    }

    private BatchBuilder put(RecordWriter body, long offset, long timestampMs) {
        try {
            body.writeLengthAndBodyTo(records);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot compress with " + codec, e);
        }
        recordCount++;
        lastOffset = offset;
        maxTimestamp = Math.max(maxTimestamp, timestampMs);
        return this;
    }

    /** The batch: a heap buffer from position 0 to its limit. */
    public ByteBuffer build() {
        return build(lastOffset);
    }

    /** The batch, whose last offset may lie past its last record's. */
    public ByteBuffer build(long endingOffset) {
        try {
            records.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot compress with " + codec, e);
        }
        byte[] payload = compressed.toByteArray();
        var batch = ByteBuffer.allocate(RecordBatchView.HEADER_BYTES + payload.length);
        batch.putLong(baseOffset)
                .putInt(batch.capacity() - RecordBatchView.LENGTH_OVERHEAD_BYTES)
                .putInt(leaderEpoch)
                .put(RecordBatchView.MAGIC)
                .putInt(0)
                .putShort((short) attributes)
                .putInt((int) (endingOffset - baseOffset))
                .putLong(baseTimestamp)
                .putLong(maxTimestamp)
                .putLong(producerId)
                .putShort(producerEpoch)
                .putInt(baseSequence)
                .putInt(recordCount)
                .put(payload)
                .flip();
        RecordBatchEditor.writeCrc(batch, 0);
        return batch;
    }
}
