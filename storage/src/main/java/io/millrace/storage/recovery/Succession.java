package io.millrace.storage.recovery;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a batch lies where its base offset and leader epoch say, which its CRC does not
 * cover. Gaps between offsets are legal (compaction leaves them, and followers keep them), so a
 * batch that jumps ahead is no damage by itself. It is if the batches behind it speak against it:
 * each needs as many offsets as its CRC answers for, and most of them do not fit behind this one,
 * but do where it is not counted. Likewise epochs never fall.
 */
public final class Succession {
    private static final int VOTES = 8;
    private static final int ENOUGH_FOLLOWERS = 2;
    private static final int NO_EPOCH = Integer.MIN_VALUE;

    /** Gaps between offsets are legal, wherever they are. */
    public static final long SPARSE = Long.MAX_VALUE;

    private final Stretch own;
    private final @Nullable Stretch after;
    private final Quarantine known;
    private final long denseFrom;

    /** A batch, or a range that is known to be bad, and what it says of its place. */
    private record Voter(long baseOffset, long offsets, int epoch, long endPosition) {
        static Voter of(BatchWalker at) {
            RecordBatchView batch = at.batch();
            return new Voter(
                    batch.baseOffset(),
                    batch.lastOffsetDelta() + 1L,
                    batch.partitionLeaderEpoch(),
                    at.nextPosition());
        }

        static Voter of(Quarantine.Range bad) {
            long offsets = bad.endOffset() - bad.firstOffset();
            return new Voter(bad.firstOffset(), offsets, NO_EPOCH, bad.endPosition());
        }
    }

    /** The batch in question, and where the one behind it has to begin, with it or without. */
    private record Question(int epoch, int epochBefore, long endOffset, long endWithout) {
        /** Whether what lies behind, and behind so many offsets more, speaks against the batch. */
        boolean isContradictedBy(Voter voter, long offsetsBetween) {
            boolean noRoom =
                    voter.baseOffset() < endOffset + offsetsBetween
                            && voter.baseOffset() >= endWithout + offsetsBetween;
            int later = voter.epoch();
            boolean continuesEpochs = later != NO_EPOCH && later >= epochBefore;
            return noRoom || continuesEpochs && (later < epoch || epoch < epochBefore);
        }
    }

    /**
     * @param own the segment of the batches
     * @param after the next segment, if it is there
     * @param known ranges that are known to be bad
     * @param denseFrom the log start, where from there on a last batch, with nothing behind it that
     *     could tell, is out of place if it is one bit away from the offset that is due; else
     *     {@link #SPARSE}
     */
    public Succession(Stretch own, @Nullable Stretch after, Quarantine known, long denseFrom) {
        this.own = own;
        this.after = after;
        this.known = known;
        this.denseFrom = denseFrom;
    }

    /**
     * Whether the walk's batch, whose CRC is right or not yet known, is not where it belongs.
     *
     * @param epochBefore leader epoch of the batch before it; -1 if not known
     */
    public boolean isOutOfPlace(BatchWalker at, int epochBefore) throws IOException {
        RecordBatchView batch = at.batch();
        if (batch.lastOffset() >= own.endOffset()) {
            return true;
        }
        boolean continues = batch.baseOffset() == at.expectedOffset();
        if (continues && batch.partitionLeaderEpoch() == epochBefore) {
            return false;
        }
        if (batch.partitionLeaderEpoch() >= epochBefore && isFollowed(at)) {
            return false;
        }
        Boolean verdict = vote(at, epochBefore);
        return verdict == null
                ? isContradictedFarther(at) || !continues && isOneBitAway(at)
                : verdict;
    }

    /** The same of a batch that is met in search of what is good, as those behind it see it. */
    boolean isOutvoted(BatchWalker at) throws IOException {
        return !isFollowed(at) && Boolean.TRUE.equals(vote(at, LeaderEpochs.NONE));
    }

    /** What lay before the log start may have been cut off with all that was behind it. */
    private boolean isOneBitAway(BatchWalker at) {
        long base = at.batch().baseOffset();
        long due =
                base >= denseFrom ? Math.max(at.expectedOffset(), denseFrom) : at.expectedOffset();
        return denseFrom != SPARSE && Long.bitCount(base ^ due) == 1;
    }

    /** The usual case, which costs no more than a look at two headers. */
    private boolean isFollowed(BatchWalker at) throws IOException {
        int epoch = at.batch().partitionLeaderEpoch();
        BatchWalker behind = own.walk(at.nextPosition(), at.batch().lastOffset() + 1, known);
        for (int i = 0; i < ENOUGH_FOLLOWERS; i++) {
            boolean follows =
                    behind.next() == BatchWalker.Step.BATCH
                            && behind.batch().lastOffset() < own.endOffset()
                            && behind.batch().partitionLeaderEpoch() >= epoch;
            if (!follows) {
                return false;
            }
        }
        return true;
    }

    /** What those behind the batch make of it; null if nothing that counts is there. */
    private @Nullable Boolean vote(BatchWalker at, int epochBefore) throws IOException {
        RecordBatchView batch = at.batch();
        var question =
                new Question(
                        batch.partitionLeaderEpoch(),
                        epochBefore,
                        batch.lastOffset() + 1,
                        at.expectedOffset() + batch.lastOffsetDelta() + 1);
        int votes = 0;
        int against = 0;
        long offsetsBetween = 0;
        Stretch where = own;
        Stretch next = after;
        long position = at.nextPosition();
        while (votes < VOTES) {
            if (position >= where.limit() && next != null) {
                where = next;
                next = null;
                position = 0;
            }
            Voter voter = voter(where, position);
            if (voter == null) {
                break;
            }
            votes++;
            against += question.isContradictedBy(voter, offsetsBetween) ? 1 : 0;
            offsetsBetween += voter.offsets();
            position = voter.endPosition();
        }
        return votes == 0 ? null : 2 * against > votes;
    }

    private @Nullable Voter voter(Stretch where, long position) throws IOException {
        Quarantine.Range bad = known.after(where.segmentBase(), position);
        if (bad != null && bad.position() <= position) {
            return Voter.of(bad);
        }
        BatchWalker walker = where.walk(position, where.segmentBase(), known);
        boolean counts = walker.next() == BatchWalker.Step.BATCH && walker.isIntact();
        return counts ? Voter.of(walker) : null;
    }

    /** Whether the next good batch, behind bad bytes, begins before this one ends. */
    private boolean isContradictedFarther(BatchWalker at) throws IOException {
        RecordBatchView batch = at.batch();
        long endWithout = at.expectedOffset() + batch.lastOffsetDelta() + 1;
        var bad =
                new Damage.Place(
                        own.segmentBase(),
                        at.nextPosition(),
                        endWithout,
                        own.limit(),
                        own.endOffset());
        Quarantine.Range between = Damage.upToNextGood(own.file(), bad);
        return between != null && between.endOffset() <= batch.lastOffset() + 1;
    }
}
