package io.millrace.storage.plan;

/** When the active segment is full. */
public final class RollPlan {
    private RollPlan() {}

    /**
     * The active segment.
     *
     * @param firstTimestampMs timestamp of its first batch; -1 if it is empty
     */
    public record Active(
            long baseOffset, long sizeBytes, long firstTimestampMs, boolean indexFull) {}

    /**
     * Whether to roll before a batch is appended.
     *
     * @param segmentMs age limit, already less its jitter
     * @param batchTimestampMs the larger of the batch's largest timestamp and now
     */
    public static boolean isDue(
            Active active,
            int segmentBytes,
            long segmentMs,
            int batchBytes,
            long lastOffset,
            long batchTimestampMs) {
        if (active.sizeBytes() == 0) {
            return false;
        }
        return active.sizeBytes() + batchBytes > segmentBytes
                || active.indexFull()
                || lastOffset - active.baseOffset() > Integer.MAX_VALUE
                || isAged(active, segmentMs, batchTimestampMs);
    }

    /** Whether the segment has had its time. */
    public static boolean isAged(Active active, long segmentMs, long nowMs) {
        return active.sizeBytes() > 0
                && active.firstTimestampMs() >= 0
                && nowMs - active.firstTimestampMs() > segmentMs;
    }
}
