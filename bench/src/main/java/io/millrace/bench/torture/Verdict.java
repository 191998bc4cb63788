package io.millrace.bench.torture;

import io.millrace.bench.lab.client.Judged;
import io.millrace.bench.torture.verdict.Complaints.Complaint;
import java.util.List;
import java.util.Map;

/**
 * What a run came to.
 *
 * @param rows what clients saw, judged
 * @param struck the faults that came
 * @param problems what went wrong that no fault explains, in sentences: replicas that differ, nodes
 *     that ended or did not come back, a cluster that did not heal
 * @param complaints what each node's log complains of, which is no failure by itself
 */
record Verdict(
        List<Judged> rows,
        List<Struck> struck,
        List<String> problems,
        Map<Integer, List<Complaint>> complaints) {
    /** Whether nothing happened that must not. */
    boolean holds() {
        return problems.isEmpty() && rows.stream().allMatch(Judged::holds);
    }
}
