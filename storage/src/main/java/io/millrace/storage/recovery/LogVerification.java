package io.millrace.storage.recovery;

import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.ProducerSummaries;
import io.millrace.storage.producer.ProducerSummary;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One pass over the closed segments of a log that reads every byte and checks every batch. Of those
 * that have no summaries of their producers it makes them, since it is there: a folder of an older
 * version has none. Run once, on a thread that may block for long.
 */
public final class LogVerification {
    private final List<Held> segments;
    private final Quarantine known;
    private final LeaderEpochs epochs;
    private final int summaryBytes;
    private final Map<Long, List<ProducerSummary>> summaries = new HashMap<>();

    /**
     * A segment, held until the pass is over; the active one is there for the last before it.
     *
     * @param summarised whether there are summaries of its producers
     */
    private record Held(Stretch stretch, boolean closed, boolean summarised) {}

    private LogVerification(List<Held> segments, Quarantine known, LogState state) {
        this.segments = segments;
        this.known = known;
        this.summaryBytes = state.home().summaryBytes();
        this.epochs = state.epochs().copy();
    }

    public static LogVerification of(LogState state) throws IOException {
        var known = new Quarantine();
        state.quarantine().all().forEach(known::add);
        var held = new ArrayList<Held>();
        for (Segment segment : state.segments().values()) {
            if (segment.sizeBytes() > 0) {
                var stretch =
                        new Stretch(
                                segment.file().retain(),
                                segment.baseOffset(),
                                segment.sizeBytes(),
                                segment.nextOffset());
                held.add(
                        new Held(
                                stretch,
                                segment != state.active(),
                                !segment.producers().isEmpty()));
            }
        }
        return new LogVerification(held, known, state);
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
            int epoch = LeaderEpochs.NONE;
            for (int i = 0; i < segments.size() && segments.get(i).closed(); i++) {
                Stretch after = i + 1 < segments.size() ? segments.get(i + 1).stretch() : null;
                Stretch stretch = segments.get(i).stretch();
                var check = new SegmentCheck(stretch, after, known, epochs, epoch);
                int before = found.size();
                verify(stretch, check, found);
                epoch = check.epochAtEnd();
                if (found.size() == before && !segments.get(i).summarised()) {
                    summarise(stretch);
                }
            }
        } finally {
            segments.forEach(segment -> segment.stretch().file().release());
        }
        return found;
    }

    /** Summaries of the producers of segments that had none, by base offset; after the run. */
    public Map<Long, List<ProducerSummary>> summaries() {
        return summaries;
    }

    private void summarise(Stretch stretch) throws IOException {
        var made = new ProducerSummaries(summaryBytes);
        BatchWalker walker = stretch.walk(0, stretch.segmentBase(), known);
        while (walker.next() == BatchWalker.Step.BATCH) {
            if (walker.batch().isControl() && !walker.readRecords()) {
                return;
            }
            made.take(walker.batch(), walker.position());
        }
        summaries.put(stretch.segmentBase(), made.all());
    }

    private static void verify(Stretch stretch, SegmentCheck check, List<Quarantine.Range> found)
            throws IOException {
        Quarantine.Range bad = check.firstBad(0, stretch.segmentBase());
        while (bad != null) {
            found.add(bad);
            bad =
                    bad.endPosition() < stretch.limit()
                            ? check.firstBad(bad.endPosition(), bad.endOffset())
                            : null;
        }
    }
}
