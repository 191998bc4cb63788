package io.millrace.bench.cluster;

import java.util.concurrent.TimeUnit;

/**
 * How long a run is.
 *
 * @param rounds how often each cluster has its turn
 * @param events of each kind that a node goes by, in all rounds together
 * @param eventsS seconds of a turn after which no further events begin: a slow machine has fewer
 * @param warmUpS seconds of load before anything is measured
 * @param loadS seconds of each load
 * @param catchUpMb what a node that returns has missed
 */
record ClusterPlan(
        int rounds, int events, int eventsS, double warmUpS, double loadS, int catchUpMb) {
    static final ClusterPlan QUICK = new ClusterPlan(1, 3, 80, 4, 3, 300);
    static final ClusterPlan FULL = new ClusterPlan(2, 20, 240, 8, 6, 2_000);

    ClusterPlan withRounds(int changed) {
        return new ClusterPlan(changed, events, eventsS, warmUpS, loadS, catchUpMb);
    }

    ClusterPlan withEvents(int changed) {
        return new ClusterPlan(rounds, changed, eventsS, warmUpS, loadS, catchUpMb);
    }

    /** How many events of a kind a round has, counted from 1. */
    int eventsOf(int round) {
        return events * round / rounds - events * (round - 1) / rounds;
    }

    long warmUpNs() {
        return ns(warmUpS);
    }

    long loadNs() {
        return ns(loadS);
    }

    private static long ns(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }
}
