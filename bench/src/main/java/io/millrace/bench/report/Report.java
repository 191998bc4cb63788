package io.millrace.bench.report;

import java.util.List;
import java.util.Optional;

/**
 * One run of the bench.
 *
 * @param kind compare, cluster, io, micro, controller, delivery or validate
 * @param command what was typed
 * @param date when it began, ISO 8601
 * @param commit of the project
 * @param notes what a reader has to know to trust or doubt the figures
 */
public record Report(
        String kind,
        String command,
        String date,
        String commit,
        Machine machine,
        List<Measurement> measurements,
        List<Series> series,
        List<Goal> goals,
        List<String> notes) {
    /** A figure that was taken; empty if it was not. */
    public Optional<Measurement> find(String workload, String subject, String metric) {
        return measurements.stream()
                .filter(one -> one.workload().equals(workload))
                .filter(one -> one.subject().equals(subject))
                .filter(one -> one.metric().equals(metric))
                .findFirst();
    }
}
