package io.millrace.storage.segment;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Sparse index of one segment, by offset and by time. An entry says: the batch at this position
 * begins with this offset, and the largest timestamp before it is that. Mutable; belongs to the
 * log's owner.
 */
final class SegmentIndex {
    static final int ENTRY_BYTES = 16;
    private static final int FIRST_CAPACITY = 4;

    /** Relative offset in the upper half, position in the lower. */
    private long[] places = new long[FIRST_CAPACITY];

    private long[] maxTimestampsBefore = new long[FIRST_CAPACITY];
    private int count;

    int count() {
        return count;
    }

    void add(int relativeOffset, int position, long maxTimestampBefore) {
        if (count == places.length) {
            places = Arrays.copyOf(places, 2 * count);
            maxTimestampsBefore = Arrays.copyOf(maxTimestampsBefore, 2 * count);
        }
        places[count] = (long) relativeOffset << 32 | position;
        maxTimestampsBefore[count] = maxTimestampBefore;
        count++;
    }

    int relativeOffset(int entry) {
        return (int) (places[entry] >>> 32);
    }

    int position(int entry) {
        return (int) places[entry];
    }

    long maxTimestampBefore(int entry) {
        return maxTimestampsBefore[entry];
    }

    /** The last entry whose offset is not above {@code relativeOffset}; -1 if all are. */
    int floorByOffset(long relativeOffset) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (relativeOffset(middle) <= relativeOffset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /** The last entry before which every timestamp is below {@code timestampMs}; -1 if none. */
    int floorByTime(long timestampMs) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (maxTimestampsBefore[middle] < timestampMs) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /** Drops the entries from a position on. */
    void truncate(long position) {
        while (count > 0 && position(count - 1) >= position) {
            count--;
        }
    }

    ByteBuffer encode() {
        var bytes = ByteBuffer.allocate(count * ENTRY_BYTES);
        for (int i = 0; i < count; i++) {
            bytes.putLong(places[i]).putLong(maxTimestampsBefore[i]);
        }
        return bytes.flip();
    }

    /** Reads what {@link #encode} wrote, as far as it is in order and inside the data file. */
    static SegmentIndex decode(ByteBuffer bytes, long dataBytes) {
        var index = new SegmentIndex();
        int lastOffset = -1;
        int lastPosition = -1;
        while (bytes.remaining() >= ENTRY_BYTES) {
            long place = bytes.getLong();
            long maxTimestampBefore = bytes.getLong();
            int relativeOffset = (int) (place >>> 32);
            int position = (int) place;
            if (relativeOffset <= lastOffset || position <= lastPosition || position >= dataBytes) {
                break;
            }
            index.add(relativeOffset, position, maxTimestampBefore);
            lastOffset = relativeOffset;
            lastPosition = position;
        }
        return index;
    }
}
