package io.millrace.bench.lab.client;

import io.millrace.bench.history.Anomaly;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/** The results as a table of text: what must be zero is marked where it is not. */
public final class RowTable {
    private final List<Judged> results;

    public RowTable(List<Judged> results) {
        this.results = results;
    }

    /** Prints it, and what each row came to. */
    public void print(PrintWriter out) {
        out.println();
        out.printf("%-92s", "");
        for (Column column : Column.values()) {
            out.printf(" %16s", column.label());
        }
        out.println();
        for (Judged result : results) {
            out.printf("%-92s", result.row().guarantee().title());
            for (Column column : Column.values()) {
                out.printf(" %16s", cell(result, column));
            }
            out.println();
        }
        out.println();
        out.println("= must be zero; the rest may be more:");
        for (Judged result : results) {
            result.row()
                    .guarantee()
                    .outcome()
                    .because()
                    .forEach((column, reason) -> {
                        if (result.tally().count(column) > 0) {
                            out.printf(
                                    "  %s, %s: %s%n", result.row().topic(), column.label(), reason);
                        }
                    });
        }
        for (Judged result : results) {
            out.printf("%-16s %s%n", result.row().topic(), verdict(result));
        }
        out.println();
        long held = results.stream().filter(Judged::holds).count();
        out.printf("%d passed, %d failed%n", held, results.size() - held);
    }

    private static String cell(Judged result, Column column) {
        int count = result.tally().count(column);
        boolean zero = result.row().guarantee().outcome().zero().contains(column);
        return zero ? (count == 0 ? "=0" : "=0 BROKEN: " + count) : Integer.toString(count);
    }

    private static String verdict(Judged result) {
        Map<String, Long> kinds = result.kinds();
        var text = new StringBuilder(result.holds() ? "holds" : "BROKEN");
        if (result.isEmpty()) {
            text.append("; nothing was delivered, so nothing is proved: is the machine too busy?");
        }
        if (!kinds.isEmpty()) {
            text.append("; in its history: ").append(kinds);
        }
        for (Anomaly anomaly : result.forbidden().stream().limit(3).toList()) {
            text.append(System.lineSeparator()).append("    ").append(anomaly.kind().label());
            text.append(": ").append(anomaly.what());
        }
        return text.toString();
    }
}
