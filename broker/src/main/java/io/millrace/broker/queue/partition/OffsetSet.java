package io.millrace.broker.queue.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A set of offsets, one bit each, in pages of {@link #PAGE}. Mutable. */
final class OffsetSet {
    /** Offsets a page. */
    static final int PAGE = 512;

    private static final int WORDS = PAGE / Long.SIZE;
    private static final long NONE = -1;

    private final TreeMap<Long, long[]> pages = new TreeMap<>();
    private int size;

    /** Whether it was not there yet. */
    boolean add(long offset) {
        long[] words = pages.computeIfAbsent(offset / PAGE, page -> new long[WORDS]);
        int word = word(offset);
        long bit = 1L << offset;
        boolean added = (words[word] & bit) == 0;
        words[word] |= bit;
        if (added) {
            size++;
        }
        return added;
    }

    /** Whether it was there. */
    boolean remove(long offset) {
        long[] words = pages.get(offset / PAGE);
        int word = word(offset);
        long bit = 1L << offset;
        if (words == null || (words[word] & bit) == 0) {
            return false;
        }
        words[word] &= ~bit;
        size--;
        if (isEmpty(words)) {
            pages.remove(offset / PAGE);
        }
        return true;
    }

    boolean contains(long offset) {
        long[] words = pages.get(offset / PAGE);
        return words != null && (words[word(offset)] & (1L << offset)) != 0;
    }

    /** The least; -1 if there is none. */
    long first() {
        Map.Entry<Long, long[]> page = pages.firstEntry();
        return page == null ? NONE : next(page.getKey() * PAGE);
    }

    /** The least at or after an offset; -1 if there is none. */
    long next(long from) {
        for (var page : pages.tailMap(from / PAGE).entrySet()) {
            long base = page.getKey() * PAGE;
            int start = (int) Math.max(0, from - base);
            for (int word = start / Long.SIZE; word < WORDS; word++) {
                long bits = page.getValue()[word];
                if (word == start / Long.SIZE) {
                    bits &= -1L << start;
                }
                if (bits != 0) {
                    return base + (long) word * Long.SIZE + Long.numberOfTrailingZeros(bits);
                }
            }
        }
        return NONE;
    }

    /** Those from {@code first} to {@code last}, both included. */
    List<Long> within(long first, long last) {
        var found = new ArrayList<Long>();
        for (long each = next(first); each != NONE && each <= last; each = next(each + 1)) {
            found.add(each);
        }
        return found;
    }

    int size() {
        return size;
    }

    /** Pages that hold any. */
    int pages() {
        return pages.size();
    }

    private static int word(long offset) {
        return (int) (offset % PAGE) / Long.SIZE;
    }

    private static boolean isEmpty(long[] words) {
        for (long word : words) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }
}
