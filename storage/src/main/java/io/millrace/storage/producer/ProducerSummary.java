package io.millrace.storage.producer;

import io.millrace.storage.batch.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What producers did in the batches between two positions of a data file, in few bytes, so that
 * they need not be read for it. It depends on these batches alone, and knows the last of them
 * again. Mutable while it grows; belongs to one thread.
 */
public final class ProducerSummary {
    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 4 + 4;
    private static final int FIXED_BYTES = 1 + 5 * 8 + 4;

    /** With so many producers a stretch is twice as long, for each has its place in every one. */
    private static final int MANY_PRODUCERS = 1024;

    /** So many are in memory while a stretch grows, whatever it is worth. */
    private static final int MOST_PRODUCERS = 16 * MANY_PRODUCERS;

    private final long fromPosition;
    private final long firstOffset;
    private final ProducerChanges changes;
    private long endPosition;
    private long endOffset;
    private long lastPosition;
    private int lastCrc;

    private ProducerSummary(long fromPosition, long firstOffset, ProducerChanges changes) {
        this.fromPosition = fromPosition;
        this.firstOffset = firstOffset;
        this.changes = changes;
    }

    /** Of one batch, so far; a marker with its records. */
    static ProducerSummary of(RecordBatchView batch, long position) {
        var summary = new ProducerSummary(position, batch.baseOffset(), new ProducerChanges());
        summary.take(batch, position);
        return summary;
    }

    /** Takes the batch behind the last. */
    void take(RecordBatchView batch, long position) {
        changes.take(batch);
        lastPosition = position;
        lastCrc = batch.crc();
        endPosition = position + batch.sizeBytes();
        endOffset = batch.lastOffset() + 1;
    }

    /** Whether the stretch is long enough to be worth its bytes, or holds as many as it may. */
    boolean isFull(int stretchBytes) {
        long bytes = endPosition - fromPosition;
        boolean worthIt =
                bytes >= stretchBytes * (1L + changes.count() / MANY_PRODUCERS)
                        && bytes >= 2L * changes.mostBytes();
        return worthIt || changes.count() >= MOST_PRODUCERS;
    }

    /** Position of the first batch. */
    public long fromPosition() {
        return fromPosition;
    }

    /** Position after the last batch. */
    public long endPosition() {
        return endPosition;
    }

    /** First offset of the first batch. */
    public long firstOffset() {
        return firstOffset;
    }

    /** Offset after the last batch. */
    public long endOffset() {
        return endOffset;
    }

    /** Position of the last batch. */
    public long lastPosition() {
        return lastPosition;
    }

    /** What the last batch has for its CRC. */
    public int lastCrc() {
        return lastCrc;
    }

    public ProducerChanges changes() {
        return changes;
    }

    /** As bytes with a CRC, of which the first four say how many. */
    public ByteBuffer encode() {
        var bytes = ByteBuffer.allocate(HEADER_BYTES + FIXED_BYTES + changes.mostBytes());
        bytes.putInt(0).putInt(0).put(VERSION);
        bytes.putLong(fromPosition)
                .putLong(firstOffset)
                .putLong(endPosition)
                .putLong(endOffset)
                .putLong(lastPosition)
                .putInt(lastCrc);
        changes.encode(bytes);
        bytes.flip();
        return bytes.putInt(0, bytes.limit()).putInt(4, crcOf(bytes, 0, bytes.limit()));
    }

    /** Bytes of the one that begins at the buffer's position; 0 if no whole one does. */
    public static int sizeAt(ByteBuffer bytes) {
        if (bytes.remaining() < HEADER_BYTES + FIXED_BYTES) {
            return 0;
        }
        int size = bytes.getInt(bytes.position());
        boolean whole =
                size >= HEADER_BYTES + FIXED_BYTES
                        && size <= bytes.remaining()
                        && bytes.getInt(bytes.position() + 4)
                                == crcOf(bytes, bytes.position(), size);
        return whole ? size : 0;
    }

    /** Reads the whole one that begins at the buffer's position; null if it is of another kind. */
    public static @Nullable ProducerSummary decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate().position(bytes.position() + HEADER_BYTES);
        if (in.get() != VERSION) {
            return null;
        }
        long fromPosition = in.getLong();
        long firstOffset = in.getLong();
        long endPosition = in.getLong();
        long endOffset = in.getLong();
        long lastPosition = in.getLong();
        int lastCrc = in.getInt();
        var read = new ProducerSummary(fromPosition, firstOffset, ProducerChanges.decode(in));
        read.endPosition = endPosition;
        read.endOffset = endOffset;
        read.lastPosition = lastPosition;
        read.lastCrc = lastCrc;
        return read;
    }

    /** Of the size, and of all that is behind the CRC. */
    private static int crcOf(ByteBuffer bytes, int from, int size) {
        var crc = new CRC32C();
        crc.update(bytes.slice(from, 4));
        crc.update(bytes.slice(from + HEADER_BYTES, size - HEADER_BYTES));
        return (int) crc.getValue();
    }
}
