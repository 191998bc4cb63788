package io.millrace.bench.cluster;

import io.millrace.bench.report.Series;
import java.util.ArrayList;
import java.util.List;

/** When requests to each partition of a topic were acknowledged. Thread-safe. */
final class Acknowledgements {
    private static final long NONE = Long.MIN_VALUE;

    private final List<List<Long>> times = new ArrayList<>();

    Acknowledgements(int partitions) {
        for (int i = 0; i < partitions; i++) {
            times.add(new ArrayList<>());
        }
    }

    /** A request to a partition was acknowledged, at a {@link System#nanoTime}. */
    synchronized void acknowledged(int partition, long nowNs) {
        times.get(partition).add(nowNs);
    }

    /** Forgets what is older than the given time, but for the last of each partition. */
    synchronized void forgetBefore(long beforeNs) {
        for (List<Long> of : times) {
            if (!of.isEmpty()) {
                long last = of.getLast();
                of.removeIf(one -> one < last && one < beforeNs);
            }
        }
    }

    /** Whether every partition has been acknowledged something since a time. */
    synchronized boolean isEachSince(long sinceNs) {
        return times.stream().allMatch(of -> !of.isEmpty() && of.getLast() > sinceNs);
    }

    /** The longest time between two of a partition, of those that ended after the given time. */
    synchronized double longestGapMs(int partition, long sinceNs) {
        long longest = 0;
        long before = NONE;
        for (long one : times.get(partition)) {
            if (before != NONE && one > sinceNs) {
                longest = Math.max(longest, one - before);
            }
            before = one;
        }
        return longest / 1e6;
    }

    /** How many a second there were in each slot of time, of all partitions. */
    synchronized List<Series.Point> rate(long fromNs, long toNs, long slotNs) {
        int[] counts = new int[Math.toIntExact((toNs - fromNs) / slotNs)];
        for (List<Long> of : times) {
            for (long one : of) {
                long slot = Math.floorDiv(one - fromNs, slotNs);
                if (slot >= 0 && slot < counts.length) {
                    counts[(int) slot]++;
                }
            }
        }
        var points = new ArrayList<Series.Point>();
        for (int slot = 0; slot < counts.length; slot++) {
            points.add(new Series.Point(slot * slotNs / 1e9, counts[slot] * 1e9 / slotNs));
        }
        return points;
    }
}
