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

    /**
     * @param after the next segment, if it is there
     * @param known ranges that are known to be bad, and stepped over
     */
    public SegmentCheck(Stretch stretch, @Nullable Stretch after, Quarantine known) {
        this(stretch, after, known, new LeaderEpochs());
    }

    /**
     * @param epochs what is known of the log's epochs. What was found bad says nothing of that
     *     before what is behind it, nor does what made it look bad.
     */
    SegmentCheck(Stretch stretch, @Nullable Stretch after, Quarantine known, LeaderEpochs epochs) {
        this.stretch = stretch;
        this.known = known;
        this.order = new Succession(stretch, after, known, Succession.SPARSE);
        this.epochs = epochs;
    }

    /**
     * The first bad range from a batch's position on; null if there is none.
     *
     * @param leastOffset batches before this offset are bad
     */
    public Quarantine.@Nullable Range firstBad(long from, long leastOffset) throws IOException {
        int epoch = epochs.epochAt(leastOffset - 1);
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
