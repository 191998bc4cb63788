package io.millrace.bench.report.page;

import io.millrace.bench.report.Series;
import java.util.Comparator;
import java.util.List;

/** Lines over a common x: latency curves, figures against partitions. */
final class LineChart {
    private static final double WIDTH = 480;
    private static final double HEIGHT = 300;
    private static final double LEFT = 52;
    private static final double RIGHT = 24;
    private static final double TOP = 26;
    private static final double BOTTOM = 44;
    private static final double WIDEST_LINEAR = 20;

    private final List<Series> lines;
    private final Palette palette;
    private final Axis across;
    private final Axis up;

    /** Lines of one chart; at least one. */
    LineChart(List<Series> lines, Palette palette) {
        this.lines = lines;
        this.palette = palette;
        across = across(lines);
        up =
                Axis.fitting(
                        lines.stream()
                                .flatMap(one -> one.points().stream())
                                .mapToDouble(Series.Point::y));
    }

    private static Axis across(List<Series> lines) {
        if (lines.getFirst().x().equals(Series.PERCENTILE)) {
            return Axis.percentiles();
        }
        List<Double> all =
                lines.stream()
                        .flatMap(one -> one.points().stream())
                        .map(Series.Point::x)
                        .distinct()
                        .sorted()
                        .toList();
        boolean wide = all.getFirst() > 0 && all.getLast() / all.getFirst() > WIDEST_LINEAR;
        return wide ? Axis.named(all) : Axis.fromZero(all.getLast());
    }

    String html() {
        Series first = lines.getFirst();
        var svg = new Svg(WIDTH, HEIGHT, first.chart());
        grid(svg, first);
        for (Series line : lines) {
            draw(svg, line);
        }
        return "<figure><figcaption>%s</figcaption>%s%s</figure>"
                .formatted(
                        Html.escape(first.chart()),
                        palette.legend(lines.stream().map(Series::subject)),
                        svg.html());
    }

    private void grid(Svg svg, Series first) {
        for (Axis.Tick tick : up.ticks()) {
            double y = y(tick.value());
            svg.line(LEFT, y, WIDTH - RIGHT, y, "grid");
            svg.text(LEFT - 8, y + 4, "end", tick.label());
        }
        for (Axis.Tick tick : across.ticks()) {
            double x = x(tick.value());
            svg.line(x, TOP, x, HEIGHT - BOTTOM, "grid faint");
            svg.text(x, HEIGHT - BOTTOM + 18, "mid", tick.label());
        }
        svg.text(LEFT - 8, 13, "unit end", first.y());
        svg.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "unit mid", first.x());
    }

    private void draw(Svg svg, Series line) {
        String colour = palette.of(line.subject());
        List<Series.Point> points =
                line.points().stream().sorted(Comparator.comparingDouble(Series.Point::x)).toList();
        var path = new StringBuilder();
        for (Series.Point point : points) {
            path.append(path.isEmpty() ? 'M' : 'L')
                    .append(Numbers.place(x(point.x())))
                    .append(' ')
                    .append(Numbers.place(y(point.y())));
        }
        svg.path(path, "line " + colour);
        for (Series.Point point : points) {
            String title =
                    "%s: %s %s at %s %s"
                            .formatted(
                                    line.subject(),
                                    Numbers.text(point.y()),
                                    line.y(),
                                    line.x(),
                                    Numbers.text(point.x()));
            svg.circle(x(point.x()), y(point.y()), 3, "dot " + colour, title);
        }
    }

    private double x(double value) {
        return LEFT + across.at(value) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - up.at(value) * (HEIGHT - TOP - BOTTOM);
    }
}
