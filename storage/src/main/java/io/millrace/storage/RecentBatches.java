package io.millrace.storage;

import java.util.Arrays;

/**
 * Where the last few batches were appended, so that readers at the tail need no index. Mutable, for
 * the append and read paths; belongs to the log's owner.
 */
final class RecentBatches {
    private static final int SIZE = 64;
    private static final long NOTHING = -1;

    private final long[] offsets = new long[SIZE];
    private final long[] positions = new long[SIZE];
    private int next;

    RecentBatches() {
        Arrays.fill(offsets, NOTHING);
    }

    void add(long baseOffset, long position) {
        offsets[next] = baseOffset;
        positions[next] = position;
        next = (next + 1) % SIZE;
    }

    /** Forgets all: another segment is written to now, or the tail was cut. */
    void clear() {
        Arrays.fill(offsets, NOTHING);
    }

    /** The position of the batch that begins with this offset; -1 if it is not among the recent. */
    long positionOf(long baseOffset) {
        for (int i = 1; i <= SIZE; i++) {
            int slot = (next - i + SIZE) % SIZE;
            if (offsets[slot] == baseOffset) {
                return positions[slot];
            }
            if (offsets[slot] < baseOffset) {
                return NOTHING;
            }
        }
        return NOTHING;
    }
}
