package io.millrace.bench.report;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Two subjects of a report of which one is measured by the other. */
public record Rivals(String ours, String theirs) {
    private static final List<Rivals> ALL =
            List.of(
                    new Rivals("Millrace", "Kafka"),
                    new Rivals("Millrace fsync", "Kafka fsync"),
                    new Rivals("bench load", "producer-perf-test"));

    /** Those of whom a report knows both. */
    public static List<Rivals> in(Report report) {
        Set<String> subjects =
                report.measurements().stream()
                        .map(Measurement::subject)
                        .collect(Collectors.toSet());
        return ALL.stream()
                .filter(pair -> subjects.contains(pair.ours) && subjects.contains(pair.theirs))
                .toList();
    }

    /** How ours stands to theirs in a figure; empty if one of them lacks it. */
    public Optional<Ratio> ratio(Report report, String workload, String metric) {
        return report.find(workload, ours, metric)
                .flatMap(mine ->
                        report.find(workload, theirs, metric)
                                .flatMap(rival -> Ratio.of(mine.values(), rival.values())));
    }
}
