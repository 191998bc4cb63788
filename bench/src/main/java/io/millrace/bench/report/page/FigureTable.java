package io.millrace.bench.report.page;

import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Ratio;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.Rivals;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every figure of one workload: a row a metric, a column a subject. */
final class FigureTable {
    private final List<Measurement> figures;
    private final Report report;
    private final Optional<Report> earlier;
    private final List<Rivals> rivals;

    /** Figures of one workload; at least one. */
    FigureTable(List<Measurement> figures, Report report, Optional<Report> earlier) {
        this.figures = figures;
        this.report = report;
        this.earlier = earlier;
        rivals = Rivals.in(report);
    }

    String html() {
        List<String> subjects = figures.stream().map(Measurement::subject).distinct().toList();
        String head =
                subjects.stream()
                                .map(subject -> "<th class='n'>" + Html.escape(subject) + "</th>")
                                .collect(Collectors.joining())
                        + rivals.stream()
                                .map(pair ->
                                        "<th class='n'>%s / %s</th>"
                                                .formatted(
                                                        Html.escape(pair.ours()),
                                                        Html.escape(pair.theirs())))
                                .collect(Collectors.joining());
        var rows = new StringBuilder();
        figures.stream()
                .collect(
                        Collectors.groupingBy(
                                one -> new Metric(one.metric(), one.unit()),
                                LinkedHashMap::new,
                                Collectors.toList()))
                .forEach((metric, all) -> rows.append(row(metric, all, subjects)));
        return """
        <h3>%s</h3><div class='scroll'><table><thead><tr><th>metric</th><th>unit</th>%s</tr></thead>
        <tbody>%s</tbody></table></div>
        """
                .formatted(Html.escape(figures.getFirst().workload()), head, rows);
    }

    private record Metric(String name, String unit) {}

    private String row(Metric metric, List<Measurement> all, List<String> subjects) {
        var cells = new StringBuilder();
        for (String subject : subjects) {
            cells.append("<td class='n'>")
                    .append(
                            all.stream()
                                    .filter(one -> one.subject().equals(subject))
                                    .findFirst()
                                    .map(this::cell)
                                    .orElse("–"))
                    .append("</td>");
        }
        for (Rivals pair : rivals) {
            cells.append("<td class='n'>").append(ratio(metric, pair)).append("</td>");
        }
        return "<tr><td>%s</td><td class='dim'>%s</td>%s</tr>"
                .formatted(Html.escape(metric.name()), Html.escape(metric.unit()), cells);
    }

    private String ratio(Metric metric, Rivals pair) {
        return pair.ratio(report, figures.getFirst().workload(), metric.name())
                .map(FigureTable::text)
                .orElse("–");
    }

    private static String text(Ratio ratio) {
        String spread =
                ratio.hasSpread()
                        ? " <small>%s–%s</small>"
                                .formatted(
                                        Numbers.ratio(ratio.least()), Numbers.ratio(ratio.most()))
                        : "";
        return "<b>%s</b>%s".formatted(Numbers.ratio(ratio.median()), spread);
    }

    private String cell(Measurement one) {
        String spread =
                one.values().size() < 2
                        ? ""
                        : " <small>%s–%s</small>"
                                .formatted(Numbers.text(one.min()), Numbers.text(one.max()));
        String change =
                earlier.flatMap(old -> old.find(one.workload(), one.subject(), one.metric()))
                        .filter(old -> old.median() != 0)
                        .map(old ->
                                " <em>%+.0f %%</em>"
                                        .formatted((one.median() / old.median() - 1) * 100))
                        .orElse("");
        return "<b>%s</b>%s%s".formatted(Numbers.text(one.median()), spread, change);
    }
}
