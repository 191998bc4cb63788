package io.millrace.storage.recovery;

import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentFile;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One pass over the closed segments of a log that reads every byte and checks every batch. Run
 * once, on a thread that may block for long.
 */
public final class LogVerification {
    private final List<Closed> segments;
    private final Quarantine known;

    /** A segment that no longer changes, held until the pass is over. */
    private record Closed(SegmentFile file, long baseOffset, long sizeBytes, long endOffset) {}

    private LogVerification(List<Closed> segments, Quarantine known) {
        this.segments = segments;
        this.known = known;
    }

    public static LogVerification of(LogState state) throws IOException {
        var known = new Quarantine();
        state.quarantine().all().forEach(known::add);
        var closed = new ArrayList<Closed>();
        for (Segment segment : state.segments().values()) {
            if (segment != state.active() && segment.sizeBytes() > 0) {
                closed.add(
                        new Closed(
                                segment.file().retain(),
                                segment.baseOffset(),
                                segment.sizeBytes(),
                                segment.nextOffset()));
            }
        }
        return new LogVerification(closed, known);
    }

    /**
     * Reads all of it.
     *
     * @return the bad ranges that were not known yet
     * @throws IOException if the disk fails
     */
    public List<Quarantine.Range> run() throws IOException {
        var found = new ArrayList<Quarantine.Range>();
        try {
            for (Closed segment : segments) {
                verify(segment, found);
            }
        } finally {
            segments.forEach(segment -> segment.file().release());
        }
        return found;
    }

    private void verify(Closed segment, List<Quarantine.Range> found) throws IOException {
        long position = 0;
        long expected = segment.baseOffset();
        while (position < segment.sizeBytes()) {
            var walker =
                    new BatchWalker(
                            segment.file(),
                            new BatchWalker.Range(
                                    segment.baseOffset(), position, segment.sizeBytes(), expected),
                            known);
            if (walkGood(walker, segment.endOffset())) {
                return;
            }
            Quarantine.Range bad = rangeAt(segment, walker);
            found.add(bad);
            position = bad.endPosition();
            expected = bad.endOffset();
        }
    }

    /** Whether all batches to the end are good. */
    private static boolean walkGood(BatchWalker walker, long endOffset) throws IOException {
        while (true) {
            BatchWalker.Step step = walker.next();
            if (step == BatchWalker.Step.END) {
                return true;
            }
            if (step == BatchWalker.Step.BAD
                    || walker.batch().lastOffset() >= endOffset
                    || !walker.isIntact()) {
                return false;
            }
        }
    }

    private static Quarantine.Range rangeAt(Closed segment, BatchWalker walker) throws IOException {
        var place =
                new Damage.Place(
                        segment.baseOffset(),
                        walker.position(),
                        walker.expectedOffset(),
                        segment.sizeBytes(),
                        segment.endOffset());
        Quarantine.Range bad = Damage.upToNextGood(segment.file(), place);
        return bad == null ? place.upTo(segment.sizeBytes(), segment.endOffset()) : bad;
    }
}
