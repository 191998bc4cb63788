package io.millrace.bench.report;

import java.util.List;

/**
 * One figure of one subject under one workload.
 *
 * @param workload what was done, as {@code produce 1 KiB}
 * @param subject to whom, as {@code kafka os}
 * @param metric what was measured, as {@code CPU}
 * @param unit of the values, as {@code ms/MB}
 * @param values one a round, in order
 */
public record Measurement(
        String workload, String subject, String metric, String unit, List<Double> values) {
    public Measurement {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(workload + " of " + subject + " has no values");
        }
        values = List.copyOf(values);
    }

    /** The metric with its unit, if it has one of its own. */
    public String named() {
        return unit.isEmpty() ? metric : metric + ", " + unit;
    }

    /** The middle of the values; the mean of the two in the middle if they are even. */
    public double median() {
        return median(values);
    }

    /** The middle of some values; there must be one. */
    public static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(half)
                : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    public double min() {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    public double max() {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }
}
