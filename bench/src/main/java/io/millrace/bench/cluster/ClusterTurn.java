package io.millrace.bench.cluster;

import io.millrace.bench.compare.Results;
import io.millrace.bench.compare.Subject;

/** One cluster's turn: what it is, and where its figures go. */
record ClusterTurn(Cluster cluster, ClusterAdmin admin, Results results) {
    static final int PARTITIONS = 6;

    Subject subject() {
        return cluster.subject();
    }

    void add(String workload, String metric, String unit, double value) {
        results.add(workload, subject(), metric, unit, value);
    }
}
