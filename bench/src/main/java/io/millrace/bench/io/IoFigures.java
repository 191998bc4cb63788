package io.millrace.bench.io;

import io.millrace.bench.io.plan.Chart;
import io.millrace.bench.io.plan.Job;
import io.millrace.bench.io.plan.Workload;
import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** All outcomes of a run, round by round, and what a report shows of them. */
final class IoFigures {
    private static final double US = 1e3;

    private final Map<Job, List<Outcome>> outcomes = new LinkedHashMap<>();

    void add(Job job, Outcome outcome) {
        outcomes.computeIfAbsent(job, added -> new ArrayList<>()).add(outcome);
    }

    Map<Job, List<Outcome>> all() {
        return outcomes;
    }

    List<Measurement> measurements() {
        var all = new ArrayList<Measurement>();
        outcomes.forEach((job, runs) -> {
            all.add(figure(job, "throughput", "MB/s", runs, Outcome::megabytesPerS));
            if (runs.getFirst().durableNs() > 0) {
                all.add(figure(job, "with the last sync", "MB/s", runs, IoFigures::durable));
            }
            for (double percentile : new double[] {50, 99, 99.9}) {
                String name = percentile == 99.9 ? "p99.9" : "p" + (int) percentile;
                all.add(figure(job, name, "us", runs, run -> latencyUs(run, percentile)));
            }
            if (isCold(job) && runs.getFirst().deviceBytes() >= 0) {
                all.add(figure(job, "from the device", "B/B", runs, IoFigures::fromDevice));
            }
        });
        return all;
    }

    private static boolean isCold(Job job) {
        return job.workload() instanceof Workload.Reads reads && reads.cold();
    }

    static double durable(Outcome run) {
        return run.bytes() * 1e3 / run.durableNs();
    }

    private static double fromDevice(Outcome run) {
        return (double) run.deviceBytes() / run.bytes();
    }

    private static double latencyUs(Outcome run, double percentile) {
        return run.latencyNs().getValueAtPercentile(percentile) / US;
    }

    private static Measurement figure(
            Job job,
            String metric,
            String unit,
            List<Outcome> runs,
            ToDoubleFunction<Outcome> value) {
        List<Double> values = runs.stream().map(value::applyAsDouble).toList();
        return new Measurement(job.workload().name(), job.line(), metric, unit, values);
    }

    List<Series> series() {
        var lines = new LinkedHashMap<String, List<Job>>();
        for (Job job : outcomes.keySet()) {
            if (!Double.isNaN(job.x())) {
                lines.computeIfAbsent(job.chart() + job.line(), added -> new ArrayList<>())
                        .add(job);
            }
        }
        return lines.values().stream().map(this::line).toList();
    }

    private Series line(List<Job> jobs) {
        Job first = jobs.getFirst();
        List<Series.Point> points =
                jobs.stream()
                        .map(job ->
                                new Series.Point(
                                        job.x(), value(job, outcomes.getOrDefault(job, List.of()))))
                        .toList();
        Chart chart = first.chart();
        return new Series(
                chart.title(), first.line(), chart.xLabel(), chart.figure().label(), points);
    }

    private static double value(Job job, List<Outcome> runs) {
        ToDoubleFunction<Outcome> of =
                switch (job.chart().figure()) {
                    case MB_PER_S -> Outcome::megabytesPerS;
                    case P50_US -> run -> latencyUs(run, 50);
                };
        return figure(job, "", "", runs, of).median();
    }
}
