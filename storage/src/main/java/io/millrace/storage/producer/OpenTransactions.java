package io.millrace.storage.producer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where the transactions of one partition begin: those that are open, and those whose marker is
 * written but not yet committed, since a crash may open them again. Mutable; belongs to the log's
 * owner. Holds nothing while there are none.
 */
final class OpenTransactions {
    private @Nullable TreeSet<Long> open;
    private @Nullable Deque<Ended> ended;

    private record Ended(long firstOffset, long markerOffset) {}

    void begin(long firstOffset) {
        TreeSet<Long> known = open;
        if (known == null) {
            known = new TreeSet<>();
            open = known;
        }
        known.add(firstOffset);
    }

    /** Ends one; returns the first offset of those that are open still, or past the marker. */
    long end(long firstOffset, long markerOffset) {
        if (open != null) {
            open.remove(firstOffset);
        }
        Deque<Ended> known = ended;
        if (known == null) {
            known = new ArrayDeque<>(2);
            ended = known;
        }
        known.add(new Ended(firstOffset, markerOffset));
        return firstOpen(markerOffset + 1);
    }

    /** One is no longer open, and its marker was committed. */
    void forget(long firstOffset) {
        if (open != null) {
            open.remove(firstOffset);
        }
    }

    private long firstOpen(long none) {
        TreeSet<Long> known = open;
        if (known == null || known.isEmpty()) {
            open = null;
            return none;
        }
        return known.getFirst();
    }

    /** The first offset that is not decided for good, at most {@code highWatermark}. */
    long firstUnstable(long highWatermark) {
        long first = Math.min(highWatermark, firstOpen(highWatermark));
        Deque<Ended> known = ended;
        if (known == null) {
            return first;
        }
        while (!known.isEmpty() && known.getFirst().markerOffset() < highWatermark) {
            known.removeFirst();
        }
        if (known.isEmpty()) {
            ended = null;
        }
        for (Ended each : known) {
            first = Math.min(first, each.firstOffset());
        }
        return first;
    }

    void clear() {
        open = null;
        ended = null;
    }
}
