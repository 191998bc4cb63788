package io.millrace.bench.torture;

import io.millrace.bench.lab.client.Guarantee.Producing;
import io.millrace.bench.lab.client.RowTable;
import io.millrace.bench.torture.plan.NodeFault;
import io.millrace.bench.torture.verdict.Outages.Spread;
import java.io.PrintWriter;
import java.util.Map;

/** A run's verdict as text. */
final class TortureReport {
    private static final int COMPLAINTS_SHOWN = 8;
    private static final int COMPLAINT_CHARS = 220;

    private final Verdict verdict;

    TortureReport(Verdict verdict) {
        this.verdict = verdict;
    }

    void print(PrintWriter out) {
        new RowTable(verdict.rows()).print(out);
        outages(out);
        complaints(out);
        verdict.problems().forEach(problem -> out.println("PROBLEM: " + problem));
        out.println(
                verdict.holds()
                        ? "Everything that Kafka's model promises held."
                        : "SOMETHING BROKE that Kafka's model promises.");
    }

    private void outages(PrintWriter out) {
        Map<NodeFault, Spread> records =
                Series.outages(verdict.rows(), verdict.struck(), Producing.IDEMPOTENT);
        Map<NodeFault, Spread> transactions =
                Series.outages(verdict.rows(), verdict.struck(), Producing.TRANSACTIONAL);
        out.println();
        out.println("Longest time in ms without an acknowledgement in some partition, by fault:");
        out.printf(
                "%-12s %6s   %-28s %-28s%n",
                "", "times", "records: min/median/max", "transactions: min/median/max");
        records.forEach((fault, spread) ->
                out.printf(
                        "%-12s %6d   %-28s %-28s%n",
                        fault, spread.count(), text(spread), text(transactions.get(fault))));
        out.println();
    }

    private static String text(@org.jspecify.annotations.Nullable Spread spread) {
        return spread == null
                ? ""
                : "%,d / %,d / %,d".formatted(spread.minMs(), spread.medianMs(), spread.maxMs());
    }

    private void complaints(PrintWriter out) {
        verdict.complaints()
                .forEach((node, complaints) -> {
                    if (!complaints.isEmpty()) {
                        out.printf("Node %d complains of %d things:%n", node, complaints.size());
                    }
                    complaints.stream()
                            .limit(COMPLAINTS_SHOWN)
                            .forEach(complaint ->
                                    out.printf(
                                            "  %5d x %s%n",
                                            complaint.times(), cut(complaint.first())));
                });
    }

    private static String cut(String line) {
        return line.length() <= COMPLAINT_CHARS ? line : line.substring(0, COMPLAINT_CHARS) + "...";
    }
}
