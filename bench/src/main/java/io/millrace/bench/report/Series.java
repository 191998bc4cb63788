package io.millrace.bench.report;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A line of a chart.
 *
 * <p>How a chart is drawn follows from its x: {@code percentile} gets the axis of latency curves,
 * which gives each further nine the same width; {@code s} makes a timeline, with marks; x values
 * that span more than a factor of twenty are drawn on a logarithmic axis.
 *
 * @param chart the chart that it belongs to: lines of one chart share their axes
 * @param subject whose line it is
 * @param x what the first of each point is, with its unit
 * @param y what the second is, with its unit
 * @param marks what happened meanwhile, for timelines
 */
public record Series(
        String chart, String subject, String x, String y, List<Point> points, List<Mark> marks) {
    /** The x of a latency curve. */
    public static final String PERCENTILE = "percentile";

    /** The x of a timeline. */
    public static final String SECONDS = "s";

    /** One point of it. */
    public record Point(double x, double y) {}

    public Series {
        points = List.copyOf(points);
        // Files of earlier versions have no marks.
        @Nullable List<Mark> given = marks;
        marks = List.copyOf(Objects.requireNonNullElse(given, List.of()));
    }

    /** A line without marks. */
    public Series(String chart, String subject, String x, String y, List<Point> points) {
        this(chart, subject, x, y, points, List.of());
    }
}
