package io.millrace.broker.handler.share;

import io.millrace.broker.handler.log.LogErrors;
import io.millrace.broker.loop.Partition;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.OptionalLong;
import org.apache.kafka.common.protocol.Errors;

/** Where a share partition begins that nothing is known of ({@code share.auto.offset.reset}). */
final class StartOffsets {
    static final String BY_DURATION = "by_duration:";

    private StartOffsets() {}

    /** The offset to begin at; empty if that cannot be told yet. On the partition's loop. */
    static OptionalLong of(Partition partition, String strategy, boolean committedOnly) {
        long end = committedOnly ? partition.lastStableOffset() : partition.highWatermark();
        if (strategy.equals("earliest")) {
            return OptionalLong.of(partition.log().logStartOffset());
        }
        if (strategy.startsWith(BY_DURATION)) {
            long sinceMs = partition.loop().nowMs() - backMs(strategy);
            var found = partition.log().offsetForTimestamp(Math.max(0, sinceMs), end);
            if (found.isPresent()) {
                return OptionalLong.of(found.get().offset());
            }
        }
        return LogErrors.endAvailability(partition) == Errors.NONE
                ? OptionalLong.of(end)
                : OptionalLong.empty();
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
