package io.millrace.bench.compare;

import io.millrace.bench.report.Series;
import java.util.ArrayList;
import java.util.List;

/** Lines over the number of partitions, from the medians of what was measured. */
final class Charts {
    private static final List<Subject> SUBJECTS =
            List.of(Subject.KAFKA, Subject.MILLRACE, Subject.KAFKA_FSYNC, Subject.MILLRACE_FSYNC);

    private final Results results;
    private final Plan plan;

    Charts(Results results, Plan plan) {
        this.results = results;
        this.plan = plan;
    }

    /** Adds the lines to the results. */
    void add() {
        for (Subject subject : SUBJECTS) {
            line(
                    new Line("Throughput against partitions", "MB/s", "throughput"),
                    Workloads.SPREAD_PEAK,
                    subject);
            line(
                    new Line(
                            "Broker CPU a record at 10 MB/s against partitions",
                            "us",
                            "CPU a record"),
                    Workloads.SPREAD,
                    subject);
        }
    }

    private record Line(String chart, String unit, String metric) {}

    private void line(Line line, String workload, Subject subject) {
        var points = new ArrayList<Series.Point>();
        for (int partitions : plan.partitions()) {
            results.median(workload.formatted(partitions), subject, line.metric())
                    .ifPresent(value -> points.add(new Series.Point(partitions, value)));
        }
        if (!points.isEmpty()) {
            results.addLine(
                    new Series(line.chart(), subject.name(), "partitions", line.unit(), points));
        }
    }
}
