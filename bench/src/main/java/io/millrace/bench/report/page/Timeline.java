package io.millrace.bench.report.page;

import io.millrace.bench.report.Mark;
import io.millrace.bench.report.Series;
import java.util.List;

/** A figure over time, one strip a subject, with what happened meanwhile in lanes below it. */
final class Timeline {
    private static final double WIDTH = 960;
    private static final double LEFT = 64;
    private static final double RIGHT = 24;
    private static final double TOP = 30;
    private static final double CURVE = 120;
    private static final double LANE = 20;
    private static final double LANES_FROM = 10;
    private static final double BOTTOM = 30;

    private final List<Series> lines;
    private final List<String> kinds;
    private final Palette palette;
    private final Axis across;
    private final Axis up;

    /** Lines of one chart; at least one. */
    Timeline(List<Series> lines, Palette palette) {
        this.lines = lines;
        this.palette = palette;
        kinds =
                lines.stream()
                        .flatMap(one -> one.marks().stream())
                        .map(Mark::kind)
                        .distinct()
                        .sorted()
                        .toList();
        across =
                Axis.fromZero(
                        lines.stream()
                                .flatMap(one -> one.points().stream())
                                .mapToDouble(Series.Point::x)
                                .max()
                                .orElse(1));
        up =
                Axis.fitting(
                        lines.stream()
                                .flatMap(one -> one.points().stream())
                                .mapToDouble(Series.Point::y));
    }

    String html() {
        var html =
                new StringBuilder(
                        "<figure class='wide'><figcaption>%s</figcaption>"
                                .formatted(Html.escape(lines.getFirst().chart())));
        for (Series line : lines) {
            html.append("<div class='scroll'>").append(strip(line)).append("</div>");
        }
        return html.append("</figure>").toString();
    }

    private String strip(Series line) {
        double height = TOP + CURVE + LANES_FROM + kinds.size() * LANE + BOTTOM;
        var svg = new Svg(WIDTH, height, line.chart() + ", " + line.subject());
        svg.text(LEFT, 15, "name", line.subject());
        svg.text(LEFT - 8, 15, "unit end", line.y());
        for (Axis.Tick tick : up.ticks()) {
            svg.line(LEFT, y(tick.value()), WIDTH - RIGHT, y(tick.value()), "grid");
            svg.text(LEFT - 8, y(tick.value()) + 4, "end", tick.label());
        }
        for (Axis.Tick tick : across.ticks()) {
            svg.line(x(tick.value()), TOP, x(tick.value()), height - BOTTOM, "grid faint");
            svg.text(x(tick.value()), height - BOTTOM + 18, "mid", tick.label());
        }
        svg.text(WIDTH - RIGHT, 15, "unit end", line.x());
        for (int lane = 0; lane < kinds.size(); lane++) {
            marks(svg, line, kinds.get(lane), TOP + CURVE + LANES_FROM + lane * LANE);
        }
        curve(svg, line);
        return svg.html();
    }

    private void marks(Svg svg, Series line, String kind, double top) {
        svg.text(LEFT - 8, top + 14, "end", kind);
        svg.line(LEFT, top + LANE, WIDTH - RIGHT, top + LANE, "grid");
        for (Mark mark : line.marks()) {
            if (mark.kind().equals(kind)) {
                double from = x(mark.x());
                double width = Math.max(1.2, x(mark.x() + mark.durationMs() / 1e3) - from);
                String title =
                        "%s at %s s: %s ms"
                                .formatted(
                                        kind,
                                        Numbers.text(mark.x()),
                                        Numbers.text(mark.durationMs()));
                svg.rect(
                        new Svg.Box(from, top + 4, width, LANE - 6),
                        "mark m-" + Html.anchor(kind),
                        title);
            }
        }
    }

    private void curve(Svg svg, Series line) {
        var path = new StringBuilder();
        for (Series.Point point : line.points()) {
            path.append(path.isEmpty() ? 'M' : 'L')
                    .append(Numbers.place(x(point.x())))
                    .append(' ')
                    .append(Numbers.place(y(point.y())));
        }
        svg.path(path, "line " + palette.of(line.subject()));
    }

    private double x(double seconds) {
        return LEFT + across.at(seconds) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return TOP + CURVE - up.at(value) * CURVE;
    }
}
