package io.millrace.bench.compare;

import java.util.List;

/**
 * How long and how wide a run is.
 *
 * @param rounds how often each subject has its turn
 * @param warmUpS seconds of load before anything is measured
 * @param loadS seconds of each load
 * @param endToEnd single records sent end to end
 * @param partitions counts that the same load is spread over
 * @param manyPartitions topics' partitions of the restart
 * @param extras whether codecs, acks, fan-out and many connections are measured too
 */
record Plan(
        int rounds,
        int warmUpS,
        int loadS,
        int endToEnd,
        List<Integer> partitions,
        int manyPartitions,
        boolean extras) {
    static final Plan QUICK = new Plan(2, 8, 4, 4_000, List.of(1, 100), 1_000, false);
    static final Plan FULL = new Plan(3, 30, 12, 20_000, List.of(1, 6, 100, 1_000), 5_000, true);
}
