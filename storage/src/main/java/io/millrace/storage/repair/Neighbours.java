package io.millrace.storage.repair;

import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells which batch beside a quarantined range may be what is bad, and not the range. No CRC covers
 * a leader epoch. If one changed to that of batches farther on, or farther back, it looks right
 * itself, and what lies between looks out of order. Only another replica knows which is wrong: so
 * the neighbour is asked for first, and every other time the range. Mutable; belongs to the log's
 * owner.
 */
public final class Neighbours {
    private final LogState state;
    private final Set<Asked> asked = new HashSet<>();

    /** A neighbour that was asked for on behalf of a range. */
    private record Asked(Quarantine.Range bad, Quarantine.Range neighbour) {}

    public Neighbours(LogState state) {
        this.state = state;
    }

    /** The neighbour that is to be asked for before a range; null if it is the range's turn. */
    public Quarantine.@Nullable Range before(Quarantine.Range bad) throws IOException {
        List<Quarantine.Range> known = state.quarantine().all();
        asked.removeIf(each -> !known.contains(each.bad()));
        for (Quarantine.Range neighbour : doubted(bad)) {
            boolean serves = neighbour.endOffset() > state.logStartOffset();
            if (serves && asked.add(new Asked(bad, neighbour))) {
                return neighbour;
            }
        }
        asked.removeIf(each -> each.bad().equals(bad));
        return null;
    }

    private List<Quarantine.Range> doubted(Quarantine.Range bad) throws IOException {
        var doubted = new ArrayList<Quarantine.Range>(0);
        Segment segment = state.segments().get(bad.segmentBase());
        BatchWalker first = segment == null ? null : firstOf(segment, bad);
        if (segment == null || first == null) {
            return doubted;
        }
        int epoch = first.batch().partitionLeaderEpoch();
        BatchWalker before = lastBefore(segment, bad);
        if (before != null && before.batch().partitionLeaderEpoch() > epoch) {
            doubted.add(rangeOf(before));
        }
        boolean alone = first.nextPosition() == bad.endPosition();
        BatchWalker behind = alone ? firstBehind(segment, bad) : null;
        if (behind != null && behind.batch().partitionLeaderEpoch() < epoch) {
            doubted.add(rangeOf(behind));
        }
        return doubted;
    }

    /** What the range begins with; null if that does not look like a batch. */
    private static @Nullable BatchWalker firstOf(Segment segment, Quarantine.Range bad)
            throws IOException {
        var range =
                new BatchWalker.Range(
                        segment.baseOffset(), bad.position(), bad.endPosition(), bad.firstOffset());
        var walker = new BatchWalker(segment.file(), range, new Quarantine());
        return walker.next() == BatchWalker.Step.BATCH ? walker : null;
    }

    /** The good batch that ends where the range begins; null if none does. */
    private @Nullable BatchWalker lastBefore(Segment segment, Quarantine.Range bad)
            throws IOException {
        Segment own = segment;
        long end = bad.position();
        if (end == 0) {
            Map.Entry<Long, Segment> earlier = state.segments().lowerEntry(segment.baseOffset());
            if (earlier == null) {
                return null;
            }
            own = earlier.getValue();
            end = own.sizeBytes();
        }
        BatchWalker walker = own.walkTowards(bad.firstOffset() - 1);
        while (walker.next() == BatchWalker.Step.BATCH && walker.nextPosition() <= end) {
            if (walker.nextPosition() == end) {
                return walker;
            }
        }
        return null;
    }

    /** The good batch that begins where the range ends; null if none does. */
    private @Nullable BatchWalker firstBehind(Segment segment, Quarantine.Range bad)
            throws IOException {
        BatchWalker walker = segment.walk(bad.endPosition(), segment.sizeBytes(), bad.endOffset());
        long begin = bad.endPosition();
        if (begin == segment.sizeBytes()) {
            Map.Entry<Long, Segment> later = state.segments().higherEntry(segment.baseOffset());
            if (later == null) {
                return null;
            }
            walker = later.getValue().walk(0);
            begin = 0;
        }
        boolean there = walker.next() == BatchWalker.Step.BATCH && walker.position() == begin;
        return there ? walker : null;
    }

    private static Quarantine.Range rangeOf(BatchWalker at) {
        return new Quarantine.Range(
                at.range().segmentBase(),
                at.position(),
                at.nextPosition(),
                at.batch().baseOffset(),
                at.batch().lastOffset() + 1);
    }
}
