package io.millrace.bench.compare;

import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Series;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/** What has been measured so far: values by workload, subject and metric, one a round. */
public final class Results {
    private static final double[] PERCENTILES = {
        0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100
    };

    private final Map<Key, List<Double>> values = new LinkedHashMap<>();
    private final Map<String, Series> lines = new LinkedHashMap<>();
    private final Map<Key, Histogram> latencies = new LinkedHashMap<>();

    private record Key(String workload, String subject, String metric, String unit) {}

    /** Adds one round's value. */
    public void add(String workload, Subject subject, String metric, String unit, double value) {
        values.computeIfAbsent(
                        new Key(workload, subject.name(), metric, unit), key -> new ArrayList<>())
                .add(value);
    }

    /** Adds the usual percentiles, and the whole curve to the workload's chart. */
    public void addLatency(String workload, Subject subject, Histogram latencyNs) {
        add(workload, subject, "p50", "us", latencyNs.getValueAtPercentile(50) / 1e3);
        add(workload, subject, "p99", "us", latencyNs.getValueAtPercentile(99) / 1e3);
        add(workload, subject, "p99.9", "us", latencyNs.getValueAtPercentile(99.9) / 1e3);
        add(workload, subject, "p99.99", "us", latencyNs.getValueAtPercentile(99.99) / 1e3);
        latencies
                .computeIfAbsent(
                        new Key(workload, subject.name(), "latency", "ms"), key -> new Histogram(3))
                .add(latencyNs);
    }

    /** Adds a finished line to a chart, taking the place of the subject's earlier one. */
    public void addLine(Series line) {
        lines.put(line.chart() + "|" + line.subject(), line);
    }

    /** The newest value; empty if there is none. */
    public OptionalDouble last(String workload, Subject subject, String metric) {
        return values.entrySet().stream()
                .filter(entry -> entry.getKey().workload().equals(workload))
                .filter(entry -> entry.getKey().subject().equals(subject.name()))
                .filter(entry -> entry.getKey().metric().equals(metric))
                .mapToDouble(entry -> entry.getValue().getLast())
                .findFirst();
    }

    /** The middle of all values; empty if there is none. */
    public OptionalDouble median(String workload, Subject subject, String metric) {
        List<Double> all = all(workload, subject, metric);
        return all.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Measurement.median(all));
    }

    /** All values, round by round; none if it was not measured. */
    public List<Double> all(String workload, Subject subject, String metric) {
        return values.entrySet().stream()
                .filter(entry -> entry.getKey().workload().equals(workload))
                .filter(entry -> entry.getKey().subject().equals(subject.name()))
                .filter(entry -> entry.getKey().metric().equals(metric))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(List.of());
    }

    /** All, workloads in the order in which they came first, and metrics within them likewise. */
    public List<Measurement> measurements() {
        List<String> order =
                values.keySet().stream().map(key -> key.workload() + "|" + key.metric()).toList();
        List<String> workloads = values.keySet().stream().map(Key::workload).toList();
        return values.entrySet().stream()
                .sorted(
                        Comparator.comparingInt((Map.Entry<Key, List<Double>> entry) ->
                                        workloads.indexOf(entry.getKey().workload()))
                                .thenComparingInt(entry ->
                                        order.indexOf(
                                                entry.getKey().workload()
                                                        + "|"
                                                        + entry.getKey().metric())))
                .map(entry ->
                        new Measurement(
                                entry.getKey().workload(),
                                entry.getKey().subject(),
                                entry.getKey().metric(),
                                entry.getKey().unit(),
                                entry.getValue()))
                .toList();
    }

    /** The curves and lines of the charts. */
    public List<Series> series() {
        var all = new ArrayList<Series>();
        latencies.forEach((key, histogram) -> all.add(curve(key, histogram)));
        all.addAll(lines.values());
        return all;
    }

    private static Series curve(Key key, Histogram histogram) {
        var points = new ArrayList<Series.Point>();
        for (double percentile : PERCENTILES) {
            points.add(
                    new Series.Point(percentile, histogram.getValueAtPercentile(percentile) / 1e6));
        }
        return new Series(
                "Latency: " + key.workload(), key.subject(), Series.PERCENTILE, "ms", points);
    }
}
