package io.millrace.bench.controller;

import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What was measured, by the number of partitions; and how it grows with that. */
final class Figures {
    private static final String SUBJECT = "Millrace";

    private final int brokers;
    private final Map<Metric, NavigableMap<Integer, List<Double>>> values = new LinkedHashMap<>();

    /** Something that is measured. */
    private record Metric(String name, String unit) {}

    Figures(int brokers) {
        this.brokers = brokers;
    }

    void add(int partitions, String metric, String unit, double value) {
        values.computeIfAbsent(new Metric(metric, unit), _ -> new TreeMap<>())
                .computeIfAbsent(partitions, _ -> new ArrayList<>())
                .add(value);
    }

    /** A column a number of partitions, and then the powers with which the figures grow. */
    List<Measurement> measurements() {
        var all = new ArrayList<Measurement>();
        String workload = "%,d brokers, three replicas".formatted(brokers);
        values.forEach((metric, bySize) ->
                bySize.forEach((size, rounds) ->
                        all.add(
                                new Measurement(
                                        workload,
                                        "%,d partitions".formatted(size),
                                        metric.name(),
                                        metric.unit(),
                                        rounds))));
        values.forEach((metric, bySize) -> {
            if (bySize.size() > 1) {
                all.add(growth(metric, bySize));
            }
        });
        return all;
    }

    private static Measurement growth(Metric metric, NavigableMap<Integer, List<Double>> bySize) {
        var descending = bySize.descendingMap().entrySet().iterator();
        var largest = descending.next();
        var smaller = descending.next();
        int last = largest.getKey();
        int before = smaller.getKey();
        double power =
                power(
                        before,
                        Measurement.median(smaller.getValue()),
                        last,
                        Measurement.median(largest.getValue()));
        return new Measurement(
                "growth from %,d to %,d partitions".formatted(before, last),
                "power of n",
                metric.name(),
                metric.unit(),
                List.of(power));
    }

    /** The power of n that a figure grows with: 0 if it stays, 1 if it grows as n does. */
    static double power(double n, double value, double largerN, double largerValue) {
        return Math.log(largerValue / value) / Math.log(largerN / n);
    }

    /** A curve of each figure. */
    List<Series> series() {
        var all = new ArrayList<Series>();
        values.forEach((metric, bySize) ->
                all.add(
                        new Series(
                                metric.name(),
                                SUBJECT,
                                "partitions",
                                metric.unit(),
                                bySize.entrySet().stream()
                                        .map(size ->
                                                new Series.Point(
                                                        size.getKey(),
                                                        Measurement.median(size.getValue())))
                                        .toList())));
        return all;
    }
}
