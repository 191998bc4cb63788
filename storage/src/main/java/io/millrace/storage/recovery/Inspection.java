package io.millrace.storage.recovery;

import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;

/**
 * Looks through a segment of a log that is in use, and takes what is bad out of service, before
 * somebody relies on what it says. On the log's owner's thread; blocks for as long as reading all
 * of it takes.
 */
public final class Inspection {
    private Inspection() {}

    /**
     * From a batch on, to the end of the segment.
     *
     * @param from begins where a batch does
     * @return whether something was bad that was not known to be
     */
    public static boolean of(LogState state, Segment segment, BatchWalker.Range from)
            throws IOException {
        var rest =
                new BatchWalker.Range(
                        segment.baseOffset(), from.from(), segment.sizeBytes(), from.leastOffset());
        return of(state, segment, rest, segment.nextOffset());
    }

    /**
     * From a batch on, to where another begins.
     *
     * @param endOffset the offsets of the range are before this
     * @return whether something was bad that was not known to be
     */
    static boolean of(LogState state, Segment segment, BatchWalker.Range from, long endOffset)
            throws IOException {
        var stretch = new Stretch(segment.file(), segment.baseOffset(), from.limit(), endOffset);
        var check = new SegmentCheck(stretch, null, state.quarantine());
        boolean found = false;
        Quarantine.Range bad = check.firstBad(from.from(), from.leastOffset());
        while (bad != null) {
            found |= state.takeOutOfService(segment, bad);
            bad =
                    bad.endPosition() < stretch.limit()
                            ? check.firstBad(bad.endPosition(), bad.endOffset())
                            : null;
        }
        return found;
    }

    /**
     * Makes sure that what every segment says of its times is said of all its batches: who deletes
     * by them must not stop at the first that cannot be read.
     */
    public static void ofTimes(LogState state) throws IOException {
        for (Segment segment : state.segments().values()) {
            segment.maxTimestampMs();
            for (BatchWalker.Range walk = segment.cutShort();
                    walk != null;
                    walk = segment.cutShort()) {
                if (!of(state, segment, walk)) {
                    throw new IOException(
                            "%s reads otherwise the second time, from byte %d on"
                                    .formatted(segment.path(), walk.from()));
                }
                segment.maxTimestampMs();
            }
        }
    }
}
