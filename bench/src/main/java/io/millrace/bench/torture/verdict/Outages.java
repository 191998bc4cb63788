package io.millrace.bench.torture.verdict;

import java.util.Arrays;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * For how long nothing was acknowledged. A series is what is acknowledged in one order: a partition
 * of one producer. Times in milliseconds since the run began.
 */
public final class Outages {
    private Outages() {}

    /**
     * Smallest, middle and largest of some times.
     *
     * @param count how many there were
     */
    public record Spread(int count, long minMs, long medianMs, long maxMs) {
        /** The spread of at least one time. */
        public static Spread of(long... times) {
            long[] sorted = times.clone();
            Arrays.sort(sorted);
            return new Spread(
                    sorted.length,
                    sorted[0],
                    sorted[(sorted.length - 1) / 2],
                    sorted[sorted.length - 1]);
        }
    }

    /**
     * The longest time without an acknowledgement in any series that began before the end of a
     * window and ended after its beginning. A series that was never acknowledged counts as the
     * window.
     *
     * @param series times of acknowledgements by series
     */
    public static <K> long longestMs(
            Map<K, NavigableSet<Long>> series, long windowBeginMs, long windowEndMs) {
        long longest = 0;
        for (NavigableSet<Long> times : series.values()) {
            longest = Math.max(longest, longestMs(times, windowBeginMs, windowEndMs));
        }
        return longest;
    }

    private static long longestMs(NavigableSet<Long> times, long beginMs, long endMs) {
        Long before = times.floor(beginMs);
        Long after = times.ceiling(endMs);
        var within = new TreeSet<>(times.subSet(beginMs, true, endMs, true));
        within.add(after == null ? endMs : after);
        long lastMs = before == null ? beginMs : before;
        long longest = 0;
        for (long time : within) {
            longest = Math.max(longest, time - lastMs);
            lastMs = time;
        }
        return longest;
    }
}
