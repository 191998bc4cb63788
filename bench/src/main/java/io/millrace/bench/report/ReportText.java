package io.millrace.bench.report;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reports as lines for a terminal, with what changed since an earlier one. */
public final class ReportText {
    private final Report report;
    private final Optional<Report> earlier;
    private final PrintWriter out;

    private ReportText(Report report, Optional<Report> earlier, PrintWriter out) {
        this.report = report;
        this.earlier = earlier;
        this.out = out;
    }

    /** Prints every figure, then every goal, then the notes; beside an earlier run, if any. */
    public static void print(Report report, Optional<Report> earlier, PrintWriter out) {
        new ReportText(report, earlier, out).print();
        out.flush();
    }

    private void print() {
        List<Rivals> rivals = Rivals.in(report);
        if (rivals.isEmpty()) {
            figures();
        } else {
            ratios(rivals);
        }
        out.println();
        report.goals().forEach(this::print);
        report.notes().forEach(note -> out.println("Note: " + note));
    }

    /** A line a figure of a subject. */
    private void figures() {
        String workload = "";
        for (Measurement one : report.measurements()) {
            if (!one.workload().equals(workload)) {
                workload = one.workload();
                out.println(workload);
            }
            out.printf(
                    "  %-22s %-24s %,14.2f %-6s (%,.2f to %,.2f)%s%n",
                    one.subject(),
                    one.metric(),
                    one.median(),
                    one.unit(),
                    one.min(),
                    one.max(),
                    change(one));
        }
    }

    private record Row(String workload, String metric, String unit) {}

    /** A line a figure of all: the medians of a pair, then the ratio with its spread. */
    private void ratios(List<Rivals> rivals) {
        out.printf("%-32s", "");
        rivals.forEach(pair -> out.printf("%14s %14s  %-24s", pair.theirs(), pair.ours(), "ratio"));
        out.println();
        String workload = "";
        List<Row> rows =
                report.measurements().stream()
                        .map(one -> new Row(one.workload(), one.metric(), one.unit()))
                        .distinct()
                        .toList();
        for (Row row : rows) {
            if (!row.workload().equals(workload)) {
                workload = row.workload();
                out.println(workload);
            }
            String cells =
                    rivals.stream().map(pair -> cells(row, pair)).collect(Collectors.joining());
            out.printf("  %-30s%s%n", row.metric() + ", " + row.unit(), cells.stripTrailing());
        }
    }

    private String cells(Row row, Rivals pair) {
        return "%14s %14s  %-24s"
                .formatted(median(row, pair.theirs()), median(row, pair.ours()), ratio(row, pair));
    }

    private String median(Row row, String subject) {
        return report.find(row.workload(), subject, row.metric())
                .map(one -> "%,.2f".formatted(one.median()))
                .orElse("");
    }

    private String ratio(Row row, Rivals pair) {
        String before =
                earlier.flatMap(old -> pair.ratio(old, row.workload(), row.metric()))
                        .map(old -> " was %.2f".formatted(old.median()))
                        .orElse("");
        return pair.ratio(report, row.workload(), row.metric())
                .map(one ->
                        one.hasSpread()
                                ? "%.2f (%.2f-%.2f)%s"
                                        .formatted(one.median(), one.least(), one.most(), before)
                                : "%.2f%s".formatted(one.median(), before))
                .orElse("");
    }

    private void print(Goal goal) {
        out.printf(
                "%-62s %8.2f %8s  %s (%.2f to %.2f)%s%n",
                goal.name(),
                goal.ratio(),
                (goal.atMost() ? "<= " : ">= ") + goal.target(),
                goal.met() ? "met" : "NOT MET",
                goal.least(),
                goal.most(),
                before(goal));
    }

    private String change(Measurement one) {
        return earlier.flatMap(old -> old.find(one.workload(), one.subject(), one.metric()))
                .filter(old -> old.median() != 0)
                .map(old -> " %+.0f %%".formatted((one.median() / old.median() - 1) * 100))
                .orElse("");
    }

    private String before(Goal goal) {
        return earlier.stream()
                .flatMap(old -> old.goals().stream())
                .filter(old -> old.name().equals(goal.name()))
                .findFirst()
                .map(old -> ", before %.2f".formatted(old.ratio()))
                .orElse("");
    }
}
