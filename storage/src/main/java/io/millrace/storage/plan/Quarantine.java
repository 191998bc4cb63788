package io.millrace.storage.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stored ranges that fail their checksum. They stay on disk; nobody is served from them. Mutable;
 * belongs to the log's owner.
 */
public final class Quarantine {
    private final List<Range> ranges = new ArrayList<>(0);

    /**
     * A bad range of a segment.
     *
     * @param segmentBase base offset of the segment
     * @param position first bad byte in it
     * @param endPosition byte after the last bad one
     * @param firstOffset first offset that cannot be served
     * @param endOffset offset after the last one
     */
    public record Range(
            long segmentBase, long position, long endPosition, long firstOffset, long endOffset) {}

    /** Adds a range; nothing happens if it is known. */
    public boolean add(Range range) {
        boolean known = ranges.contains(range);
        if (!known) {
            ranges.add(range);
        }
        return !known;
    }

    /** A range is good again; what lies behind it in its segment has moved by some bytes. */
    public void repaired(Range range, long movedBytes) {
        ranges.remove(range);
        ranges.replaceAll(other ->
                other.segmentBase() == range.segmentBase()
                                && other.position() >= range.endPosition()
                        ? new Range(
                                other.segmentBase(),
                                other.position() + movedBytes,
                                other.endPosition() + movedBytes,
                                other.firstOffset(),
                                other.endOffset())
                        : other);
    }

    /** The range that holds an offset; null if none does. */
    public @Nullable Range holding(long offset) {
        for (Range range : ranges) {
            if (offset >= range.firstOffset() && offset < range.endOffset()) {
                return range;
            }
        }
        return null;
    }

    /** The first range of a segment that ends after a position; null if none does. */
    public @Nullable Range after(long segmentBase, long position) {
        Range first = null;
        for (Range range : ranges) {
            if (range.segmentBase() == segmentBase
                    && range.endPosition() > position
                    && (first == null || range.position() < first.position())) {
                first = range;
            }
        }
        return first;
    }

    /** Forgets ranges that lie before the log start, in segments that are no longer there. */
    public void trimTo(long logStartOffset, Set<Long> segmentBases) {
        ranges.removeIf(range ->
                range.endOffset() <= logStartOffset && !segmentBases.contains(range.segmentBase()));
    }

    /** Forgets ranges from an offset on: they were cut off. */
    public void truncateTo(long offset) {
        ranges.removeIf(range -> range.firstOffset() >= offset);
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    public List<Range> all() {
        return List.copyOf(ranges);
    }
}
