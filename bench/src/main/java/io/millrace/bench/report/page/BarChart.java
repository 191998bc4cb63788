package io.millrace.bench.report.page;

import io.millrace.bench.report.Measurement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One metric over all workloads: a bar a subject, with the spread of its rounds. */
final class BarChart {
    private static final double WIDTH = 480;
    private static final double NAME = 20;
    private static final double BAR = 13;
    private static final double GAP = 3;
    private static final double AFTER = 10;
    private static final double VALUES = 118;

    private final String metric;
    private final String unit;
    private final Map<String, List<Measurement>> workloads;
    private final Palette palette;

    /** Measurements of one metric and unit; at least one. */
    BarChart(List<Measurement> bars, Palette palette) {
        metric = bars.getFirst().metric();
        unit = bars.getFirst().unit();
        workloads =
                bars.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Measurement::workload,
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        this.palette = palette;
    }

    String html() {
        String title = "%s (%s)".formatted(metric, unit);
        int bars = workloads.values().stream().mapToInt(List::size).sum();
        double height = workloads.size() * (NAME + AFTER) + bars * (BAR + GAP);
        var svg = new Svg(WIDTH, height, title);
        double y = 0;
        for (var workload : workloads.entrySet()) {
            svg.text(0, y + 13, "label", workload.getKey());
            y = group(svg, workload.getValue(), y + NAME) + AFTER;
        }
        return "<figure><figcaption>%s</figcaption>%s%s</figure>"
                .formatted(
                        Html.escape(title),
                        palette.legend(
                                workloads.values().stream()
                                        .flatMap(List::stream)
                                        .map(Measurement::subject)),
                        svg.html());
    }

    /** Bars of one workload share a scale; each workload has its own. */
    private double group(Svg svg, List<Measurement> bars, double top) {
        double most = bars.stream().mapToDouble(Measurement::max).max().orElse(1);
        double y = top;
        for (Measurement bar : bars) {
            draw(svg, bar, y, (WIDTH - VALUES) / Math.max(most, Double.MIN_NORMAL));
            y += BAR + GAP;
        }
        return y;
    }

    private void draw(Svg svg, Measurement bar, double y, double scale) {
        String title =
                "%s, %s: %s %s (%s to %s)"
                        .formatted(
                                bar.workload(),
                                bar.subject(),
                                Numbers.text(bar.median()),
                                unit,
                                Numbers.text(bar.min()),
                                Numbers.text(bar.max()));
        svg.rect(
                new Svg.Box(0, y, Math.max(1, bar.median() * scale), BAR),
                "bar " + palette.of(bar.subject()),
                title);
        double from = bar.min() * scale;
        double to = bar.max() * scale;
        if (bar.values().size() > 1) {
            double middle = y + BAR / 2;
            svg.line(from, middle, to, middle, "whisker");
            svg.line(from, middle - 3, from, middle + 3, "whisker");
            svg.line(to, middle - 3, to, middle + 3, "whisker");
        }
        svg.text(to + 6, y + BAR - 2.5, "value", Numbers.text(bar.median()));
    }
}
