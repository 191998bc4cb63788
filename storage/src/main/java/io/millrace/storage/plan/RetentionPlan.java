package io.millrace.storage.plan;

import java.util.List;

/** Which of the oldest segments have had their time, by the rules of Kafka's UnifiedLog. */
public final class RetentionPlan {
    private RetentionPlan() {}

    /**
     * What a log keeps.
     *
     * @param retentionMs age of the newest record after which a segment goes; -1 never
     * @param retentionBytes size of the log above which the oldest go; -1 any
     */
    public record Limits(long retentionMs, long retentionBytes) {
        /** Keeps all that the log start keeps. */
        public static final Limits NONE = new Limits(-1, -1);
    }

    /**
     * How many segments, from the oldest, are to be deleted.
     *
     * @param segments all of the log, oldest first; the last is the active one
     * @param highWatermark segments that reach past it stay
     * @return 0 to {@code segments.size()}; if it is all, the caller rolls a fresh one first
     */
    public static int deletable(
            List<SegmentFacts> segments,
            Limits limits,
            long logStartOffset,
            long highWatermark,
            long nowMs) {
        long size = segments.stream().mapToLong(SegmentFacts::sizeBytes).sum();
        int count = 0;
        for (SegmentFacts segment : segments) {
            boolean active = count == segments.size() - 1;
            boolean below = !active && segment.nextOffset() <= logStartOffset;
            boolean due = isExpired(segment, limits, nowMs) || isExcess(size, segment, limits);
            if (segment.nextOffset() > highWatermark
                    || active && segment.sizeBytes() == 0
                    || !below && !due) {
                break;
            }
            size -= segment.sizeBytes();
            count++;
        }
        return count;
    }

    private static boolean isExpired(SegmentFacts segment, Limits limits, long nowMs) {
        return limits.retentionMs() >= 0 && nowMs - segment.maxTimestampMs() > limits.retentionMs();
    }

    private static boolean isExcess(long size, SegmentFacts segment, Limits limits) {
        return limits.retentionBytes() >= 0
                && size - limits.retentionBytes() >= segment.sizeBytes();
    }
}
