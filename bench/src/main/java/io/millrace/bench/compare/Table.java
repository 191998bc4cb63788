package io.millrace.bench.compare;

import io.millrace.bench.report.Goal;
import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Report;
import java.io.PrintWriter;
import java.util.Optional;

/** A report as lines of text, with the change since an earlier one where there is one. */
final class Table {
    private final PrintWriter out;
    private final Optional<Report> earlier;

    Table(PrintWriter out, Optional<Report> earlier) {
        this.out = out;
        this.earlier = earlier;
    }

    void print(Report report) {
        String workload = "";
        for (Measurement one : report.measurements()) {
            if (!one.workload().equals(workload)) {
                workload = one.workload();
                out.println(workload);
            }
            out.printf(
                    "  %-16s %-24s %,12.2f %-6s (%,.2f to %,.2f)%s%n",
                    one.subject(),
                    one.metric(),
                    one.median(),
                    one.unit(),
                    one.min(),
                    one.max(),
                    change(one));
        }
        if (report.goals().isEmpty()) {
            return;
        }
        out.println();
        out.printf("%-58s %8s %8s%n", "Millrace / Kafka", "ratio", "goal");
        report.goals().forEach(this::print);
    }

    private void print(Goal goal) {
        out.printf(
                "%-58s %8.2f %8s  %s (%.2f to %.2f)%s%n",
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
