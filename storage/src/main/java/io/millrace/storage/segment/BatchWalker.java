package io.millrace.storage.segment;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.plan.Quarantine;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Walks the batches of a data file, past what is quarantined. Reads headers ahead in small pieces,
 * and the records of a batch when they are asked for. The view is valid until the next step. Not
 * thread-safe.
 */
public final class BatchWalker {
    private static final int READ_AHEAD_BYTES = 8 * 1024;
    private static final long NONE = -1;

    private final SegmentFile file;
    private final Range range;
    private final Quarantine quarantine;
    private final RecordBatchView view = new RecordBatchView();
    private ByteBuffer buffer = ByteBuffer.allocate(READ_AHEAD_BYTES);
    private long bufferedFrom;
    private long position;
    private long nextPosition;
    private long leastOffset;
    private long expectedOffset;
    private long current = NONE;
    private long previous = NONE;

    /** What a step came to. */
    public enum Step {
        /** There is a batch. */
        BATCH,
        /** The limit is reached. */
        END,
        /** What lies here is no batch, or does not end before the limit. */
        BAD
    }

    /**
     * What to walk.
     *
     * @param segmentBase base offset of the segment
     * @param from position of a batch
     * @param limit position after the last batch
     * @param leastOffset batches before this offset are bad
     */
    public record Range(long segmentBase, long from, long limit, long leastOffset) {}

    public BatchWalker(SegmentFile file, Range range, Quarantine quarantine) {
        this.file = file;
        this.range = range;
        this.quarantine = quarantine;
        this.nextPosition = range.from();
        this.leastOffset = range.leastOffset();
        buffer.limit(0);
    }

    /** Begins again: the quarantine knows more than it did. */
    public void restart() {
        nextPosition = range.from();
        leastOffset = range.leastOffset();
        current = NONE;
    }

    /** Moves to the next batch. After BAD the walk cannot go on. */
    public Step next() throws IOException {
        position = nextPosition;
        previous = current;
        long limit = pastQuarantined();
        expectedOffset = leastOffset;
        if (position >= range.limit()) {
            return Step.END;
        }
        if (!buffered(RecordBatchView.HEADER_BYTES, limit)) {
            return Step.BAD;
        }
        point();
        int size = view.sizeBytes();
        if (!isPlausible(size, limit)) {
            return Step.BAD;
        }
        current = position;
        nextPosition = position + size;
        leastOffset = view.lastOffset() + 1;
        return Step.BATCH;
    }

    /** Steps over bad ranges; returns where the next one, or the walk, ends. */
    private long pastQuarantined() {
        if (quarantine.isEmpty()) {
            return range.limit();
        }
        Quarantine.Range bad = quarantine.after(range.segmentBase(), position);
        while (bad != null && bad.position() <= position) {
            position = bad.endPosition();
            leastOffset = Math.max(leastOffset, bad.endOffset());
            bad = quarantine.after(range.segmentBase(), position);
        }
        return bad == null ? range.limit() : Math.min(range.limit(), bad.position());
    }

    /** The CRC does not cover the offset: a torn batch may be whole but for that. */
    private boolean isPlausible(int size, long limit) {
        return view.magic() == RecordBatchView.MAGIC
                && size >= RecordBatchView.HEADER_BYTES
                && size <= limit - position
                && view.baseOffset() >= leastOffset
                && view.lastOffsetDelta() >= 0
                && view.baseOffset() - range.segmentBase()
                        <= Integer.MAX_VALUE - view.lastOffsetDelta();
    }

    /** Reads the records of the current batch; false if the file ends before they do. */
    public boolean readRecords() throws IOException {
        boolean whole = buffered(view.sizeBytes(), range.limit());
        if (whole) {
            point();
        }
        return whole;
    }

    /** Whether the current batch, records and all, is as its CRC says. */
    public boolean isIntact() throws IOException {
        return isIntactInPieces() && readRecords() && view.isCrcValid();
    }

    /**
     * Whether the batch before the current one, or the last before the end, is as its CRC says: if
     * its length is wrong, it may hold those that seem to be missing. True if there is none.
     */
    public boolean isPreviousIntact() throws IOException {
        if (previous == NONE) {
            return true;
        }
        var only = new Range(range.segmentBase(), previous, range.limit(), range.segmentBase());
        var walker = new BatchWalker(file, only, quarantine);
        return walker.next() == Step.BATCH && walker.isIntact();
    }

    /** What claims to be large is not read as a whole before it is known to be. */
    private boolean isIntactInPieces() throws IOException {
        long from = position + RecordBatchView.CRC_COVERS_FROM;
        return view.sizeBytes() <= SegmentFile.PIECE_BYTES
                || file.hasCrc(view.crc(), from, nextPosition);
    }

    private void point() {
        view.wrap(buffer, (int) (position - bufferedFrom));
    }

    private boolean buffered(int bytes, long limit) throws IOException {
        if (limit - position < bytes) {
            return false;
        }
        boolean there =
                position >= bufferedFrom && position + bytes <= bufferedFrom + buffer.limit();
        if (there) {
            return true;
        }
        if (bytes > buffer.capacity()) {
            buffer = ByteBuffer.allocate(Math.max(bytes, 2 * READ_AHEAD_BYTES));
        }
        buffer.clear().limit((int) Math.min(buffer.capacity(), range.limit() - position));
        int read = file.disk().read(buffer, position);
        buffer.limit(Math.max(read, 0)).position(0);
        bufferedFrom = position;
        return read >= bytes;
    }

    /** Where the walk begins, before the first step. */
    public Range range() {
        return range;
    }

    /** The current batch. */
    public RecordBatchView batch() {
        return view;
    }

    /** Where the current batch, or what is bad, begins. */
    public long position() {
        return position;
    }

    /** Where the batch after the current one begins. */
    public long nextPosition() {
        return nextPosition;
    }

    /** The offset that the batch at {@link #position} has to begin with, at least. */
    public long expectedOffset() {
        return expectedOffset;
    }
}
