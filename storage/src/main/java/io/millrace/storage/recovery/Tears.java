package io.millrace.storage.recovery;

import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a loss of power leaves from damage: the one was never acknowledged, and is cut; the
 * other is quarantined. A sync covers all that was written before it, so where bytes past the last
 * known flush never reached the disk, no sync came after them, and nobody was told of what lies
 * behind: neither in the same segment nor in later ones.
 */
final class Tears {
    private final boolean synced;
    private final boolean endsEarly;
    private final long flushedTo;

    /**
     * @param synced whether nothing past {@code flushedTo} was acknowledged unless it was synced
     * @param endsEarly whether a gap between the segment and the next may be compaction's
     * @param flushedTo offset before which everything is known to have been on disk; -1 if none is
     */
    Tears(boolean synced, boolean endsEarly, long flushedTo) {
        this.synced = synced;
        this.endsEarly = endsEarly;
        this.flushedTo = flushedTo;
    }

    /** What a bad place is: a torn tail (null), or a range to quarantine. */
    Quarantine.@Nullable Range judge(SegmentFile file, Damage.Place place) throws IOException {
        Quarantine.Range bad = Damage.upToNextGood(file, place);
        boolean last = place.endOffset() == Long.MAX_VALUE;
        boolean unflushed = place.expectedOffset() >= flushedTo;
        long badEnd = bad == null ? place.limit() : bad.endPosition();
        int delta = Damage.deltaIfOnlyHeaderIsBad(file, place, badEnd);
        if (unflushed && delta < 0 && isTorn(file, place, bad, last)) {
            return null;
        }
        if (bad != null) {
            return bad;
        }
        if (last && unflushed) {
            return place.upTo(badEnd, place.expectedOffset() + delta + 1);
        }
        long end =
                last
                        ? Math.max(flushedTo, place.expectedOffset() + 1)
                        : Math.max(place.endOffset(), place.expectedOffset());
        return place.upTo(place.limit(), end);
    }

    private boolean isTorn(
            SegmentFile file, Damage.Place place, Quarantine.@Nullable Range bad, boolean last)
            throws IOException {
        if (last && bad == null) {
            return true;
        }
        return synced && (last || !endsEarly) && Damage.wasNeverWritten(file, place, bad);
    }

    /**
     * Whether offsets that are missing before the next segment were lost with the end of this one.
     * A follower's segment may begin far behind a gap that its leader has: no segment holds more
     * than 2^31 offsets, so such a gap was there.
     */
    boolean hasTornOff(Segment segment, long nextSegmentBase) {
        return synced
                && !endsEarly
                && segment.nextOffset() >= flushedTo
                && !isFar(segment, nextSegmentBase);
    }

    /** Whether no segment could hold all offsets up to the next one. */
    static boolean isFar(Segment segment, long nextSegmentBase) {
        return nextSegmentBase - segment.baseOffset() > Integer.MAX_VALUE;
    }
}
