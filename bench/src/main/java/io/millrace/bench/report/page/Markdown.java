package io.millrace.bench.report.page;

import io.millrace.bench.report.Goal;
import io.millrace.bench.report.Machine;
import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Report;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** Reports as one Markdown text: what is kept beside the code. */
public final class Markdown {
    private final StringBuilder text = new StringBuilder();

    private Markdown() {}

    /** The text of some reports, in their order. */
    public static String of(List<Report> reports) {
        var markdown = new Markdown();
        markdown.line("# Results of the bench");
        markdown.line("");
        markdown.line(
                "Written by `scripts/bench results` from the JSON of the runs: medians, and in"
                        + " brackets");
        markdown.line(
                "from the least to the most of the rounds. Figures hold for this machine only.");
        reports.forEach(markdown::add);
        return markdown.text.toString();
    }

    private void add(Report report) {
        Machine machine = report.machine();
        line("");
        line("## " + Page.title(report));
        line("");
        line("- `%s`, %s, commit %s".formatted(report.command(), report.date(), report.commit()));
        line(
                "- %s, %d cores, %,d MB; %s; %s; JDK %s"
                        .formatted(
                                machine.cpu(),
                                machine.cores(),
                                machine.memoryMb(),
                                machine.disk(),
                                machine.os(),
                                machine.jdk()));
        report.notes().forEach(note -> line("- " + note));
        if (!report.goals().isEmpty()) {
            goals(report.goals());
        }
        report.measurements().stream()
                .collect(
                        Collectors.groupingBy(
                                Measurement::workload, LinkedHashMap::new, Collectors.toList()))
                .forEach(this::figures);
    }

    private void goals(List<Goal> goals) {
        line("");
        line("| goal | target | ratio | |");
        line("|---|---|---|---|");
        for (Goal goal : goals) {
            line(
                    "| %s | %s %s | %s (%s to %s) | %s |"
                            .formatted(
                                    cell(goal.name()),
                                    goal.atMost() ? "at most" : "at least",
                                    Numbers.text(goal.target()),
                                    Numbers.ratio(goal.ratio()),
                                    Numbers.ratio(goal.least()),
                                    Numbers.ratio(goal.most()),
                                    goal.met() ? "met" : "**not met**"));
        }
    }

    private void figures(String workload, List<Measurement> all) {
        List<String> subjects = all.stream().map(Measurement::subject).distinct().toList();
        line("");
        line(
                "| %s | %s |"
                        .formatted(
                                cell(workload),
                                subjects.stream()
                                        .map(Markdown::cell)
                                        .collect(Collectors.joining(" | "))));
        line("|---|" + "---|".repeat(subjects.size()));
        all.stream()
                .collect(
                        Collectors.groupingBy(
                                Measurement::named, LinkedHashMap::new, Collectors.toList()))
                .forEach((metric, row) ->
                        line("| %s | %s |".formatted(cell(metric), row(subjects, row))));
    }

    private static String row(List<String> subjects, List<Measurement> row) {
        return subjects.stream()
                .map(subject ->
                        row.stream()
                                .filter(one -> one.subject().equals(subject))
                                .findFirst()
                                .map(Markdown::value)
                                .orElse(""))
                .collect(Collectors.joining(" | "));
    }

    private static String value(Measurement one) {
        String median = Numbers.text(one.median());
        return one.values().size() == 1
                ? median
                : "%s (%s–%s)".formatted(median, Numbers.text(one.min()), Numbers.text(one.max()));
    }

    private static String cell(String content) {
        return content.replace("|", "\\|");
    }

    private void line(String content) {
        text.append(content).append('\n');
    }
}
