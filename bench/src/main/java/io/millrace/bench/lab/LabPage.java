package io.millrace.bench.lab;

import io.millrace.bench.history.Anomaly;
import io.millrace.bench.lab.client.Column;
import io.millrace.bench.lab.client.Guarantee;
import io.millrace.bench.lab.client.Tally;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** The results as one page that needs nothing else: the table, then each row's timeline and why. */
final class LabPage {
    private static final int EXAMPLES = 4;
    private static final String STYLE = "/io/millrace/bench/report/page/page.css";
    private static final String SCRIPT = "/io/millrace/bench/report/page/page.js";
    private static final String FRAME = "/io/millrace/bench/lab/lab.html";

    private final List<Scene.Result> results;
    private final long seed;
    private final int seconds;

    LabPage(List<Scene.Result> results, long seed, int seconds) {
        this.results = results;
        this.seed = seed;
        this.seconds = seconds;
    }

    String html() {
        long held = results.stream().filter(Scene.Result::holds).count();
        return resource(FRAME)
                .replace("{{style}}", resource(STYLE))
                .replace("{{script}}", resource(SCRIPT))
                .replace("{{seed}}", Long.toString(seed))
                .replace("{{seconds}}", Integer.toString(seconds))
                .replace(
                        "{{verdict}}",
                        held == results.size()
                                ? "Every promise was kept."
                                : "%d of %d promises were broken, or not tried."
                                        .formatted(results.size() - held, results.size()))
                .replace("{{table}}", table())
                .replace(
                        "{{rows}}",
                        results.stream().map(this::section).collect(Collectors.joining("\n")));
    }

    private static String resource(String name) {
        try (InputStream in =
                Objects.requireNonNull(LabPage.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the page's parts are missing: " + name, e);
        }
    }

    private String table() {
        var html =
                new StringBuilder("<thead><tr><th>promise</th><th>producer</th><th>consumer</th>");
        for (Column column : Column.values()) {
            html.append("<th class='n'>").append(column.label()).append("</th>");
        }
        html.append("</tr></thead><tbody>");
        for (Scene.Result result : results) {
            html.append(tableRow(result));
        }
        return html.append("</tbody>").toString();
    }

    private static String tableRow(Scene.Result result) {
        Guarantee guarantee = result.row().guarantee();
        var html =
                new StringBuilder(
                        "<tr><td><a href='#%s'>%s</a></td><td>%s%s</td><td>%s</td>"
                                .formatted(
                                        guarantee.id(),
                                        escape(guarantee.promise()),
                                        escape(guarantee.producing().label()),
                                        guarantee.cache() ? ", from the page cache" : "",
                                        escape(guarantee.consuming().label())));
        for (Column column : Column.values()) {
            int count = result.tally().count(column);
            boolean zero = guarantee.outcome().zero().contains(column);
            String style =
                    zero
                            ? (count == 0 ? "kept" : "broken")
                            : count > 0 && guarantee.outcome().because().containsKey(column)
                                    ? "may"
                                    : "";
            html.append("<td class='n %s'>%,d</td>".formatted(style, count));
        }
        return html.append("</tr>").toString();
    }

    private String section(Scene.Result result) {
        Guarantee guarantee = result.row().guarantee();
        return """
        <section id='%s'><h2>%s</h2>
        <p class='lead'>%s</p>
        <figure class='wide'><figcaption>What its clients saw</figcaption>%s</figure>
        %s
        </section>
        """
                .formatted(
                        guarantee.id(),
                        escape(guarantee.title()),
                        escape(promise(guarantee)),
                        new LabTimeline(result).svg(),
                        why(result));
    }

    private static String promise(Guarantee guarantee) {
        String zero =
                guarantee.outcome().zero().stream()
                        .map(Column::label)
                        .collect(Collectors.joining(", "));
        return "Must be zero: " + zero + ".";
    }

    private String why(Scene.Result result) {
        if (result.isEmpty()) {
            return "<p class='bad'>Nothing was delivered, so nothing is proved: the machine may be too busy.</p>";
        }
        Reasons reasons = Reasons.of(result);
        Tally tally = result.tally();
        var html = new StringBuilder();
        html.append(examples(result, Column.LOST, tally.lost(), reasons::ofLost));
        html.append(examples(result, Column.DUPLICATED, tally.duplicated(), reasons::ofDuplicated));
        html.append(examples(result, Column.REORDERED, tally.reordered(), reasons::ofReordered));
        html.append(examples(result, Column.ABORTED_SEEN, tally.abortedSeen(), reasons::ofAborted));
        html.append(anomalies(result));
        return html.toString();
    }

    private static String examples(
            Scene.Result result, Column column, Set<Long> values, LongFunction<String> reason) {
        if (values.isEmpty()) {
            return "";
        }
        String because =
                result.row()
                        .guarantee()
                        .outcome()
                        .because()
                        .getOrDefault(column, "this must not happen");
        var items = new ArrayList<String>();
        values.stream()
                .limit(EXAMPLES)
                .forEach(value -> items.add("<li>" + escape(reason.apply(value)) + "</li>"));
        return "<h3>%s: %,d</h3><p class='dim'>%s.</p><ul>%s</ul>"
                .formatted(
                        column.label(),
                        values.size(),
                        escape(capital(because)),
                        String.join("", items));
    }

    private static String capital(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String anomalies(Scene.Result result) {
        Map<String, Long> kinds = result.judged().kinds();
        if (kinds.isEmpty()) {
            return "<p class='dim'>The history checker found no anomaly.</p>";
        }
        List<Anomaly> forbidden = result.forbidden();
        String items =
                forbidden.stream()
                        .limit(EXAMPLES)
                        .map(one ->
                                "<li><b>%s</b>: %s</li>"
                                        .formatted(one.kind().label(), escape(one.what())))
                        .collect(Collectors.joining());
        return "<p class='dim'>The history checker found %s; %s.</p><ul>%s</ul>"
                .formatted(
                        escape(kinds.toString().replaceAll("[{}]", "").replace("=", " × ")),
                        forbidden.isEmpty()
                                ? "all of it is allowed here"
                                : forbidden.size() + " are not allowed",
                        items);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;");
    }
}
