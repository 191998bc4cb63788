package io.millrace.storage.recovery;

import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Looks through a segment for what is bad: every batch's CRC, and whether it lies where it belongs.
 * Blocks; on any thread that holds the segment's file.
 */
public final class SegmentCheck {
    private final Stretch stretch;
    private final Quarantine known;
    private final Succession order;
    private final LeaderEpochs epochs;
    private final int epochBefore;
    private int epochAtEnd;

    /**
     * @param after the next segment, if it is there
     * @param known ranges that are known to be bad, and stepped over
     */
    public SegmentCheck(Stretch stretch, @Nullable Stretch after, Quarantine known) {
        this(stretch, after, known, new LeaderEpochs(), LeaderEpochs.NONE);
    }

    /**
     * @param epochs what the log knows of its epochs: behind a bad range they say which is due, and
     *     not the batch before it, which may be what is bad
     * @param epochBefore leader epoch of what the segment before ends with; -1 if that is not known
     *     to be good
     */
    SegmentCheck(
            Stretch stretch,
            @Nullable Stretch after,
            Quarantine known,
            LeaderEpochs epochs,
            int epochBefore) {
        this.stretch = stretch;
        this.known = known;
        this.order = new Succession(stretch, after, known, Succession.SPARSE);
        this.epochs = epochs;
        this.epochBefore = epochBefore;
        this.epochAtEnd = LeaderEpochs.NONE;
    }

    /** Leader epoch of the last batch, if all of the segment was looked at, and that is good. */
    int epochAtEnd() {
        return epochAtEnd;
    }

    /**
     * The first bad range from a batch's position on; null if there is none.
     *
     * @param leastOffset batches before this offset are bad
     */
    public Quarantine.@Nullable Range firstBad(long from, long leastOffset) throws IOException {
        boolean follows = from == 0 && epochBefore != LeaderEpochs.NONE;
        int epoch = follows ? epochBefore : epochs.epochAt(leastOffset - 1);
        BatchWalker walker = stretch.walk(from, leastOffset, known);
        BatchWalker.Step step = walker.next();
        long end = from;
        while (step == BatchWalker.Step.BATCH) {
            boolean afterBad = walker.position() > end;
            int before = afterBad ? epochs.epochAt(walker.expectedOffset() - 1) : epoch;
            if (!walker.isIntact() || order.isOutOfPlace(walker, before)) {
                break;
            }
            epoch = walker.batch().partitionLeaderEpoch();
            end = walker.nextPosition();
            step = walker.next();
        }
        epochAtEnd = end == stretch.limit() ? epoch : LeaderEpochs.NONE;
        return step == BatchWalker.Step.END ? null : rangeAt(walker);
    }

    private Quarantine.Range rangeAt(BatchWalker walker) throws IOException {
        var place =
                new Damage.Place(
                        stretch.segmentBase(),
                        walker.position(),
                        walker.expectedOffset(),
                        stretch.limit(),
                        stretch.endOffset());
        Quarantine.Range bad = Damage.upToNextGood(stretch.file(), place);
        return bad == null ? place.upTo(stretch.limit(), stretch.endOffset()) : bad;
    }
}
