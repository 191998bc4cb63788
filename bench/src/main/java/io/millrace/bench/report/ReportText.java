package io.millrace.bench.report;

import java.io.PrintWriter;

/** Reports as lines for a terminal. Stateless. */
public final class ReportText {
    private ReportText() {}

    /** Prints every figure, then every goal, then the notes. */
    public static void print(Report report, PrintWriter out) {
        String workload = "";
        for (Measurement one : report.measurements()) {
            if (!one.workload().equals(workload)) {
                workload = one.workload();
                out.println(workload);
            }
            out.printf(
                    "  %-22s %-24s %,14.2f %-6s (%,.2f to %,.2f)%n",
                    one.subject(), one.metric(), one.median(), one.unit(), one.min(), one.max());
        }
        for (Goal goal : report.goals()) {
            out.printf(
                    "%-60s %8.2f %8s  %s (%.2f to %.2f)%n",
                    goal.name(),
                    goal.ratio(),
                    (goal.atMost() ? "<= " : ">= ") + goal.target(),
                    goal.met() ? "met" : "NOT MET",
                    goal.least(),
                    goal.most());
        }
        report.notes().forEach(note -> out.println("Note: " + note));
        out.flush();
    }
}
