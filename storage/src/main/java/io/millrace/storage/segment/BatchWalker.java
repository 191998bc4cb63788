package io.millrace.storage.segment;

import io.millrace.storage.batch.RecordBatchView;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Walks the batches of a data file. Reads ahead in small pieces where only headers are wanted,
 * whole batches where their bytes are. The view is valid until the next step.
 */
public final class BatchWalker {
    private static final int READ_AHEAD_BYTES = 8 * 1024;

    private final SegmentFile file;
    private final long limit;
    private final boolean whole;
    private final RecordBatchView view = new RecordBatchView();
    private ByteBuffer buffer = ByteBuffer.allocate(READ_AHEAD_BYTES);
    private long bufferedFrom;
    private long position;
    private long nextPosition;
    private long leastOffset;

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
     * @param from position of a batch
     * @param limit position after the last batch
     * @param leastOffset batches before this offset are bad
     * @param whole whether records are wanted, not only headers
     */
    public BatchWalker(SegmentFile file, long from, long limit, long leastOffset, boolean whole) {
        this.file = file;
        this.limit = limit;
        this.whole = whole;
        this.nextPosition = from;
        this.leastOffset = leastOffset;
        buffer.limit(0);
    }

    /** Moves to the next batch. After BAD the walk cannot go on. */
    public Step next() throws IOException {
        position = nextPosition;
        if (position >= limit) {
            return Step.END;
        }
        if (!buffered(RecordBatchView.HEADER_BYTES)) {
            return Step.BAD;
        }
        point();
        int size = view.sizeBytes();
        if (!isPlausible(size) || whole && !buffered(size)) {
            return Step.BAD;
        }
        point();
        nextPosition = position + size;
        leastOffset = view.lastOffset() + 1;
        return Step.BATCH;
    }

    private void point() {
        view.wrap(buffer, (int) (position - bufferedFrom));
    }

    private boolean isPlausible(int size) {
        return view.magic() == RecordBatchView.MAGIC
                && size >= RecordBatchView.HEADER_BYTES
                && size <= limit - position
                && view.baseOffset() >= leastOffset
                && view.lastOffsetDelta() >= 0;
    }

    private boolean buffered(int bytes) throws IOException {
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
        buffer.clear().limit((int) Math.min(buffer.capacity(), limit - position));
        int read = file.disk().read(buffer, position);
        buffer.limit(Math.max(read, 0)).position(0);
        bufferedFrom = position;
        return read >= bytes;
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
}
