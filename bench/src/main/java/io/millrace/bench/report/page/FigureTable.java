package io.millrace.bench.report.page;

import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Report;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every figure of one workload: a row a metric, a column a subject. */
final class FigureTable {
    private final List<Measurement> figures;
    private final Optional<Report> earlier;

    /** Figures of one workload; at least one. */
    FigureTable(List<Measurement> figures, Optional<Report> earlier) {
        this.figures = figures;
        this.earlier = earlier;
    }

    String html() {
        List<String> subjects = figures.stream().map(Measurement::subject).distinct().toList();
        String head =
                subjects.stream()
                        .map(subject -> "<th class='n'>" + Html.escape(subject) + "</th>")
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
        return "<tr><td>%s</td><td class='dim'>%s</td>%s</tr>"
                .formatted(Html.escape(metric.name()), Html.escape(metric.unit()), cells);
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
