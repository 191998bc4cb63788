package io.millrace.storage.plan;

/**
 * Decides which batches of another replica may take the place of a quarantined range. They have to
 * begin where it begins and end where it ends, offset after offset, in leader epochs between those
 * of its neighbours: what a batch boundary or an epoch tells otherwise is another history. A log
 * that was compacted up to there may have gaps, since no older record of a key is left that a
 * missing one would have hidden. Pure and mutable; belongs to the log's owner.
 */
public final class RepairPlan {
    private final Quarantine.Range range;
    private final int lastEpoch;
    private final boolean gaps;
    private int epoch;
    private long nextOffset;

    /**
     * @param epochBefore leader epoch of what is before the range; -1 if not known
     * @param epochAfter leader epoch of what is behind it; -1 if nothing is, or it is not known
     * @param gaps whether offsets may be missing
     */
    public RepairPlan(Quarantine.Range range, int epochBefore, int epochAfter, boolean gaps) {
        this.range = range;
        this.epoch = epochBefore;
        this.lastEpoch = epochAfter < 0 ? Integer.MAX_VALUE : epochAfter;
        this.gaps = gaps;
        this.nextOffset = range.firstOffset();
    }

    public Quarantine.Range range() {
        return range;
    }

    /** The first offset that is still missing. */
    public long nextOffset() {
        return nextOffset;
    }

    /** The least leader epoch that the next batch may have. */
    public int epoch() {
        return epoch;
    }

    /** Whether nothing is missing any more. */
    public boolean isComplete() {
        return nextOffset >= range.endOffset();
    }

    /**
     * Takes the next batch of the other replica, whose CRC is right.
     *
     * @return why it is not taken; empty if it is
     */
    public String take(long baseOffset, long lastOffset, int leaderEpoch) {
        boolean continues = gaps ? baseOffset >= nextOffset : baseOffset == nextOffset;
        if (!continues || lastOffset >= range.endOffset()) {
            return "a batch of the offsets %d to %d does not fit between %d and %d"
                    .formatted(baseOffset, lastOffset, nextOffset, range.endOffset() - 1);
        }
        if (leaderEpoch < epoch || leaderEpoch > lastEpoch) {
            return "the batch at %d has the leader epoch %d, its neighbours have %d and %d"
                    .formatted(baseOffset, leaderEpoch, epoch, lastEpoch);
        }
        epoch = leaderEpoch;
        nextOffset = lastOffset + 1;
        return "";
    }

    /**
     * The other replica has no batch before an offset.
     *
     * @return why that is not taken; empty if it is
     */
    public String reach(long offset) {
        if (offset <= nextOffset || isComplete()) {
            return "";
        }
        if (!gaps) {
            return "there is nothing at offset %d".formatted(nextOffset);
        }
        nextOffset = Math.min(offset, range.endOffset());
        return "";
    }
}
