package io.millrace.storage.segment;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Sparse index of one segment, by offset and by time. An entry says: the batch at this position
 * begins with this offset, and the largest timestamp before it is that. Stored in blocks, each with
 * a CRC, so that new entries are added to the file without writing the old ones again. Mutable;
 * belongs to the log's owner.
 */
final class SegmentIndex {
    static final int ENTRY_BYTES = 16;
    private static final int BLOCK_HEADER_BYTES = 8;
    private static final int FIRST_CAPACITY = 4;

    /** Relative offset in the upper half, position in the lower. */
    private long[] places = new long[FIRST_CAPACITY];

    private long[] maxTimestampsBefore = new long[FIRST_CAPACITY];
    private int count;
    private int storedCount;
    private int storedBytes;

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

    /** The first entry whose position is not below {@code position}; -1 if all are. */
    int ceilingByPosition(long position) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (position(middle) < position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return low == count ? -1 : low;
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

    /** Drops the entries from a position on; says whether some of them are in the file. */
    boolean truncate(long position) {
        while (count > 0 && position(count - 1) >= position) {
            count--;
        }
        return count < storedCount;
    }

    /** Whether there are entries that are not in the file. */
    boolean hasUnstored() {
        return count > storedCount;
    }

    /** Where in the file the next block goes. */
    int storedBytes() {
        return storedBytes;
    }

    /** A block of the entries that are not in the file. */
    ByteBuffer encodeUnstored() {
        return encode(storedCount);
    }

    /** A block of all entries. */
    ByteBuffer encodeAll() {
        return encode(0);
    }

    private ByteBuffer encode(int from) {
        var block = ByteBuffer.allocate(BLOCK_HEADER_BYTES + (count - from) * ENTRY_BYTES);
        block.putInt(count - from).putInt(0);
        for (int i = from; i < count; i++) {
            block.putLong(places[i]).putLong(maxTimestampsBefore[i]);
        }
        block.flip();
        return block.putInt(4, crcOf(block, BLOCK_HEADER_BYTES, block.limit()));
    }

    /** Notes that every entry is in the file, which has so many bytes. */
    void stored(int fileBytes) {
        storedCount = count;
        storedBytes = fileBytes;
    }

    /** Notes that there is no file. */
    void forgetStored() {
        storedCount = 0;
        storedBytes = 0;
    }

    /** Reads the blocks of a file, as far as they are whole and lie inside the data file. */
    static SegmentIndex decode(ByteBuffer bytes, long dataBytes) {
        var index = new SegmentIndex();
        while (bytes.remaining() >= BLOCK_HEADER_BYTES) {
            int start = bytes.position();
            long entries = bytes.getInt(start);
            long end = start + BLOCK_HEADER_BYTES + entries * ENTRY_BYTES;
            boolean whole =
                    entries > 0
                            && end <= bytes.limit()
                            && bytes.getInt(start + 4)
                                    == crcOf(bytes, start + BLOCK_HEADER_BYTES, (int) end);
            if (!whole || !index.take(bytes, (int) entries, dataBytes)) {
                break;
            }
            index.stored((int) end);
            bytes.position((int) end);
        }
        index.count = index.storedCount;
        return index;
    }

    private boolean take(ByteBuffer bytes, int entries, long dataBytes) {
        int at = bytes.position() + BLOCK_HEADER_BYTES;
        for (int i = 0; i < entries; i++, at += ENTRY_BYTES) {
            long place = bytes.getLong(at);
            int relativeOffset = (int) (place >>> 32);
            int position = (int) place;
            boolean follows =
                    count == 0
                            || relativeOffset > relativeOffset(count - 1)
                                    && position > position(count - 1);
            if (!follows || position < 0 || position >= dataBytes) {
                return false;
            }
            add(relativeOffset, position, bytes.getLong(at + 8));
        }
        return true;
    }

    private static int crcOf(ByteBuffer bytes, int from, int to) {
        var crc = new CRC32C();
        crc.update(bytes.slice(from, to - from));
        return (int) crc.getValue();
    }
}
