package io.millrace.storage.segment;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the last few batches were appended, so that readers at the tail need no index. Mutable, for
 * the append and read paths; belongs to the log's owner.
 */
public final class RecentBatches {
    private static final int SIZE = 64;
    private static final long NOTHING = -1;

    /** Offset and position of each, in turn; null while there is none. */
    private long @Nullable [] places;

    private int next;

    public void add(long baseOffset, long position) {
        long[] known = places;
        if (known == null) {
            known = new long[2 * SIZE];
            Arrays.fill(known, NOTHING);
            places = known;
        }
        known[2 * next] = baseOffset;
        known[2 * next + 1] = position;
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
            int slot = 2 * ((next - i + SIZE) % SIZE);
            if (known[slot] == baseOffset) {
                return known[slot + 1];
            }
            if (known[slot] < baseOffset) {
                return NOTHING;
            }
        }
        return NOTHING;
    }
}
