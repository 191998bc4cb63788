package io.millrace.bench.report;

import java.util.List;

/**
 * A line of a chart.
 *
 * @param chart the chart that it belongs to: lines of one chart share their axes
 * @param subject whose line it is
 * @param x what the first of each point is, with its unit
 * @param y what the second is, with its unit
 */
public record Series(String chart, String subject, String x, String y, List<Point> points) {
    /** One point of it. */
    public record Point(double x, double y) {}
}
