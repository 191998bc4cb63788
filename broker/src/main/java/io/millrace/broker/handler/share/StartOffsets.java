package io.millrace.broker.handler.share;

import io.millrace.broker.loop.Partition;
import io.millrace.storage.batch.TimestampedOffset;
import java.time.DateTimeException;
import java.time.Duration;

/** Where a share partition begins that nothing is known of ({@code share.auto.offset.reset}). */
final class StartOffsets {
    static final String BY_DURATION = "by_duration:";

    private StartOffsets() {}

    /** The offset to begin at. On the partition's loop. */
    static long of(Partition partition, String strategy, boolean committedOnly) {
        long end = committedOnly ? partition.lastStableOffset() : partition.highWatermark();
        if (strategy.equals("earliest")) {
            return partition.log().logStartOffset();
        }
        if (!strategy.startsWith(BY_DURATION)) {
            return end;
        }
        long sinceMs = partition.loop().nowMs() - backMs(strategy);
        return partition
                .log()
                .offsetForTimestamp(Math.max(0, sinceMs), end)
                .map(TimestampedOffset::offset)
                .orElse(end);
    }

    private static long backMs(String strategy) {
        try {
            return Duration.parse(strategy.substring(BY_DURATION.length())).toMillis();
        } catch (DateTimeException | ArithmeticException e) {
            // Was checked when it was set; an old value that is no duration means the end.
            return 0;
        }
    }
}
