package io.millrace.bench.report;

import java.io.PrintWriter;
import java.util.Optional;

/** Reports as lines for a terminal, with what changed since an earlier one. */
public final class ReportText {
    private final Optional<Report> earlier;
    private final PrintWriter out;

    private ReportText(Optional<Report> earlier, PrintWriter out) {
        this.earlier = earlier;
        this.out = out;
    }

    /** Prints every figure, then every goal, then the notes. */
    public static void print(Report report, PrintWriter out) {
        print(report, Optional.empty(), out);
    }

    /** The same, with an earlier run beside it if there is one. */
    public static void print(Report report, Optional<Report> earlier, PrintWriter out) {
        new ReportText(earlier, out).print(report);
        out.flush();
    }

    private void print(Report report) {
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
        for (Goal goal : report.goals()) {
            out.printf(
                    "%-60s %8.2f %8s  %s (%.2f to %.2f)%s%n",
                    goal.name(),
                    goal.ratio(),
                    (goal.atMost() ? "<= " : ">= ") + goal.target(),
                    goal.met() ? "met" : "NOT MET",
                    goal.least(),
                    goal.most(),
                    before(goal));
        }
        report.notes().forEach(note -> out.println("Note: " + note));
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
