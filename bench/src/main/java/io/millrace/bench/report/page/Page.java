package io.millrace.bench.report.page;

import io.millrace.bench.report.Goal;
import io.millrace.bench.report.Machine;
import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.Series;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A report as one HTML file. */
public final class Page {
    private final Report report;
    private final Optional<Report> earlier;
    private final Palette palette;

    private Page(Report report, Optional<Report> earlier) {
        this.report = report;
        this.earlier = earlier;
        palette = new Palette(report);
    }

    /** The page of a report, with an earlier one beside it if there is one. */
    public static String of(Report report, Optional<Report> earlier) {
        return new Page(report, earlier).html();
    }

    private String html() {
        return """
        <!doctype html>
        <html lang='en'>
        <head>
        <meta charset='utf-8'>
        <meta name='viewport' content='width=device-width, initial-scale=1'>
        <title>%s</title>
        <style>%s</style>
        </head>
        <body>
        <main>
        %s%s%s%s%s%s%s%s
        </main>
        <script>%s</script>
        </body>
        </html>
        """
                .formatted(
                        Html.escape(title()),
                        resource("page.css"),
                        header(),
                        goals(),
                        summary(),
                        curves(),
                        timelines(),
                        bars(),
                        figures(),
                        footer(),
                        resource("page.js"));
    }

    private String title() {
        return title(report);
    }

    static String title(Report report) {
        return switch (report.kind()) {
            case "compare" -> "Millrace beside Apache Kafka";
            case "io" -> "What this disk can do";
            case "micro" -> "Millrace's hot paths";
            case "cluster" -> "Three nodes beside three of Apache Kafka";
            case "controller" -> "The controller by the number of partitions";
            case "delivery" -> "Delivery beside Apache Kafka";
            case "validate" -> "The load generator beside producer-perf-test";
            default -> "Millrace bench: " + report.kind();
        };
    }

    private String header() {
        long met = report.goals().stream().filter(Goal::met).count();
        String verdict =
                report.goals().isEmpty()
                        ? ""
                        : "<p class='verdict'><b>%d</b> of <b>%d</b> goals met</p>"
                                .formatted(met, report.goals().size());
        Machine machine = report.machine();
        return """
        <header>
        <div class='top'><span class='brand'>Millrace bench</span><button id='theme' type='button' \
        aria-label='Light or dark'>◐</button></div>
        <h1>%s</h1>
        %s
        <p class='dim'>%s · commit %s · <code>%s</code></p>
        <p class='dim'>%s, %d cores, %,d MB · %s · %s · JDK %s</p>
        %s
        </header>
        """
                .formatted(
                        Html.escape(title()),
                        verdict,
                        Html.escape(report.date().replace('T', ' ').replace("Z", " UTC")),
                        Html.escape(report.commit()),
                        Html.escape(report.command()),
                        Html.escape(machine.cpu()),
                        machine.cores(),
                        machine.memoryMb(),
                        Html.escape(machine.disk()),
                        Html.escape(machine.os()),
                        Html.escape(machine.jdk()),
                        against());
    }

    private String against() {
        return earlier.map(old ->
                        "<p class='dim'>Changes are against the run of %s, commit %s.</p>"
                                .formatted(
                                        Html.escape(
                                                old.date().replace('T', ' ').replace("Z", " UTC")),
                                        Html.escape(old.commit())))
                .orElse("");
    }

    private String goals() {
        if (report.goals().isEmpty()) {
            return "";
        }
        return section(
                "Goals",
                "Ratios of Millrace to its rival: the median of the rounds, each round's two turns"
                        + " one after the other. The shaded part is where the goal is met.",
                new GoalTable(report.goals(), earlier.map(Report::goals).orElse(List.of())).html());
    }

    /** What a disk can do comes before how: the first table of such a report. */
    private String summary() {
        if (!report.kind().equals("io") || report.goals().isEmpty()) {
            return "";
        }
        List<Measurement> first =
                groups(report.measurements(), Measurement::workload).values().iterator().next();
        return section("In short", "", new FigureTable(first, report, earlier).html());
    }

    private String curves() {
        String charts =
                charts().values().stream()
                        .filter(lines -> !isTimeline(lines))
                        .map(lines -> new LineChart(lines, palette).html())
                        .collect(Collectors.joining());
        return charts.isEmpty() ? "" : section("Curves", "", grid(charts));
    }

    private String timelines() {
        String charts =
                charts().values().stream()
                        .filter(lines -> isTimeline(lines))
                        .map(lines -> new Timeline(lines, palette).html())
                        .collect(Collectors.joining());
        return charts.isEmpty() ? "" : section("Over time", "", charts);
    }

    private static boolean isTimeline(List<Series> lines) {
        return lines.getFirst().x().equals(Series.SECONDS);
    }

    private Map<String, List<Series>> charts() {
        return groups(
                report.series().stream().filter(one -> !one.points().isEmpty()).toList(),
                Series::chart);
    }

    private String bars() {
        String charts =
                groups(report.measurements(), one -> one.metric() + " (" + one.unit() + ")")
                        .values()
                        .stream()
                        .filter(Page::isWorthBars)
                        .map(all -> new BarChart(all, palette).html())
                        .collect(Collectors.joining());
        return charts.isEmpty()
                ? ""
                : section(
                        "Figures",
                        "Medians; the thin line is from the least to the most of the rounds. Bars"
                                + " of one workload share a scale.",
                        grid(charts));
    }

    /**
     * Percentiles have curves, records go with throughput; what is of one workload has its table.
     */
    private static boolean isWorthBars(List<Measurement> all) {
        String metric = all.getFirst().metric();
        boolean told = metric.matches("p[0-9.]+") || metric.equals("records");
        return !told && all.stream().map(Measurement::workload).distinct().count() > 1;
    }

    private String figures() {
        String tables =
                groups(report.measurements(), Measurement::workload).values().stream()
                        .map(all -> new FigureTable(all, report, earlier).html())
                        .collect(Collectors.joining());
        return section(
                "All figures", "Median, and from the least to the most of the rounds.", tables);
    }

    private String footer() {
        String notes =
                report.notes().stream()
                        .map(note -> "<li>" + Html.escape(note) + "</li>")
                        .collect(Collectors.joining());
        return notes.isEmpty() ? "" : section("Notes", "", "<ul>" + notes + "</ul>");
    }

    private static String section(String title, String lead, String body) {
        return "<section id='%s'><h2>%s</h2>%s%s</section>\n"
                .formatted(
                        Html.anchor(title),
                        Html.escape(title),
                        lead.isEmpty() ? "" : "<p class='lead'>" + Html.escape(lead) + "</p>",
                        body);
    }

    private static String grid(String charts) {
        return "<div class='grid-of'>" + charts + "</div>";
    }

    private static <T> Map<String, List<T>> groups(List<T> all, Function<T, String> by) {
        return all.stream()
                .collect(Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList()));
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
