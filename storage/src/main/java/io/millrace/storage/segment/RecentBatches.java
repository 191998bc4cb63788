package io.millrace.storage.segment;

import io.millrace.storage.batch.RecordBatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the last few batches were appended, so that readers at the tail need no index, and what no
 * CRC covers of their headers. Mutable, for the append and read paths; belongs to the log's owner.
 */
public final class RecentBatches {
    private static final int SIZE = 64;
    private static final int FIELDS = 3;
    private static final long NOTHING = -1;
    private static final int READ_AT_ONCE_BYTES = 4 * 1024;

    /** Offset, position and leader epoch of each, in turn; null while there is none. */
    private long @Nullable [] places;

    private int next;
    private final ByteBuffer header = ByteBuffer.allocate(RecordBatchView.HEADER_BYTES);
    private final RecordBatchView view = new RecordBatchView();

    /** Takes note of a batch at the end of the log. */
    public void add(long baseOffset, int leaderEpoch, long position) {
        long[] known = places;
        if (known == null) {
            known = new long[FIELDS * SIZE];
            Arrays.fill(known, NOTHING);
            places = known;
        }
        known[FIELDS * next] = baseOffset;
        known[FIELDS * next + 1] = position;
        known[FIELDS * next + 2] = leaderEpoch;
        next = (next + 1) % SIZE;
    }

    /** Forgets all: another segment is written to now, the tail was cut, or the log is idle. */
    public void clear() {
        places = null;
    }

    /** The position of the batch that begins with this offset; -1 if it is not among the recent. */
    public long positionOf(long baseOffset) {
        long[] known = places;
        if (known == null) {
            return NOTHING;
        }
        for (int i = 1; i <= SIZE; i++) {
            int slot = slot(i);
            if (known[slot] == baseOffset) {
                return known[slot + 1];
            }
            if (known[slot] < baseOffset) {
                return NOTHING;
            }
        }
        return NOTHING;
    }

    /** A recent batch whose header is not as it was written, and where it ends. */
    public record Changed(long position, long endPosition, long baseOffset, long endOffset) {}

    /**
     * The first batch between two positions whose offset, length, leader epoch or magic on disk is
     * not what was written; null if there is none. Reads the header of each, small batches at once.
     *
     * @param active the segment that is written to
     */
    public @Nullable Changed firstChanged(Segment active, long from, long to) throws IOException {
        long[] known = places;
        if (known == null) {
            return null;
        }
        int back = 0;
        while (back < SIZE && known[slot(back + 1) + 1] >= from) {
            back++;
        }
        var headers = new Headers(active.file());
        for (; back > 0 && known[slot(back) + 1] < to; back--) {
            int slot = slot(back);
            int behind = slot(back - 1);
            long endPosition = back == 1 ? active.sizeBytes() : known[behind + 1];
            headers.moveTo(known[slot + 1], endPosition, back == 1 || endPosition >= to);
            if (!headers.isOf(known[slot], endPosition, known[slot + 2])) {
                long endOffset = back == 1 ? active.nextOffset() : known[behind];
                return new Changed(known[slot + 1], endPosition, known[slot], endOffset);
            }
        }
        return null;
    }

    /** Where the n-th from the end is; the first is the newest. */
    private int slot(int fromEnd) {
        return FIELDS * ((next - fromEnd + SIZE) % SIZE);
    }

    /** Reads headers in the order of the file, those of small batches several at once. */
    private final class Headers {
        private final SegmentFile file;
        private ByteBuffer buffer = header.clear().limit(0);
        private long bufferedFrom;
        private long position;

        Headers(SegmentFile file) {
            this.file = file;
        }

        /**
         * Goes on to a batch.
         *
         * @param last whether no other will be asked for
         */
        void moveTo(long batch, long endPosition, boolean last) throws IOException {
            position = batch;
            if (isThere()) {
                return;
            }
            boolean alone = last || endPosition - batch > READ_AT_ONCE_BYTES / 2;
            buffer = alone ? header : ByteBuffer.allocate(READ_AT_ONCE_BYTES);
            buffer.clear();
            buffer.limit(Math.max(file.disk().read(buffer, batch), 0));
            bufferedFrom = batch;
        }

        private boolean isThere() {
            long end = position + RecordBatchView.HEADER_BYTES;
            return position >= bufferedFrom && end <= bufferedFrom + buffer.limit();
        }

        boolean isOf(long baseOffset, long endPosition, long leaderEpoch) {
            return isThere()
                    && view.wrap(buffer, (int) (position - bufferedFrom)).baseOffset() == baseOffset
                    && view.sizeBytes() == endPosition - position
                    && view.partitionLeaderEpoch() == leaderEpoch
                    && view.magic() == RecordBatchView.MAGIC;
        }
    }
}
