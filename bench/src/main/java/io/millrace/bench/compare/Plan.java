package io.millrace.bench.compare;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How long and how wide a run is.
 *
 * @param rounds how often each subject has its turn
 * @param warmUpS seconds of load before anything is measured
 * @param loadS seconds of each load that a goal depends on
 * @param sideS seconds of each other load
 * @param endToEnd single records sent end to end
 * @param partitions counts that the same load is spread over
 * @param manyPartitions partitions of the restart
 */
record Plan(
        int rounds,
        double warmUpS,
        double loadS,
        double sideS,
        int endToEnd,
        List<Integer> partitions,
        int manyPartitions) {
    static final Plan QUICK = new Plan(2, 6, 3, 1, 3_000, List.of(1, 100, 1_000), 500);
    static final Plan FULL = new Plan(3, 14, 6, 3, 6_000, List.of(1, 6, 100, 1_000), 5_000);

    /** The same with another count of rounds. */
    Plan withRounds(int changed) {
        return new Plan(changed, warmUpS, loadS, sideS, endToEnd, partitions, manyPartitions);
    }

    /** Loads of another length: to try the bench itself. */
    Plan scaled(double factor) {
        return new Plan(
                rounds,
                warmUpS * factor,
                loadS * factor,
                sideS * factor,
                Math.max(100, (int) (endToEnd * factor)),
                partitions.stream().filter(one -> one <= partitions.getLast() * factor).toList(),
                Math.max(100, (int) (manyPartitions * factor) / 100 * 100));
    }

    long warmUpNs() {
        return ns(warmUpS);
    }

    long loadNs() {
        return ns(loadS);
    }

    long sideNs() {
        return ns(sideS);
    }

    private static long ns(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }
}
