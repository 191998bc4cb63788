package io.millrace.storage.plan;

import java.util.List;

/** When a log is worth compacting, and how much of it, by the rules of Kafka's LogCleaner. */
public final class CompactionPlan {
    private CompactionPlan() {}

    /**
     * The topic's settings.
     *
     * @param minDirtyRatio share of new bytes that makes it worth the work
     * @param minLagMs newer records are left alone
     * @param maxLagMs older ones are not left any longer
     */
    public record Limits(double minDirtyRatio, long minLagMs, long maxLagMs) {}

    /**
     * How many of the closed segments, from the oldest, are to be compacted.
     *
     * @param closed every segment but the active one, oldest first
     * @param cleanedTo what is before has been compacted
     * @param highWatermark segments that reach past it are left alone
     * @return 0 if it is not worth it yet
     */
    public static int segments(
            List<SegmentFacts> closed,
            Limits limits,
            long cleanedTo,
            long highWatermark,
            long nowMs) {
        long dirty = 0;
        long total = 0;
        int count = 0;
        boolean overdue = false;
        for (SegmentFacts segment : closed) {
            boolean fresh = segment.nextOffset() > cleanedTo;
            boolean tooNew =
                    segment.nextOffset() > highWatermark
                            || nowMs - segment.maxTimestampMs() < limits.minLagMs();
            if (fresh && tooNew) {
                break;
            }
            if (fresh) {
                dirty += segment.sizeBytes();
                overdue |= nowMs - segment.maxTimestampMs() > limits.maxLagMs();
            }
            total += segment.sizeBytes();
            count++;
        }
        boolean worth = dirty > 0 && (overdue || (double) dirty / total > limits.minDirtyRatio());
        return worth ? count : 0;
    }
}
