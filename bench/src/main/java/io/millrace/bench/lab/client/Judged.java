package io.millrace.bench.lab.client;

import io.millrace.bench.history.Anomaly;
import java.util.List;

/** What one row came to. */
public record Judged(Row row, Tally tally, List<Anomaly> anomalies) {
    /** The anomalies that its promise excludes. */
    public List<Anomaly> forbidden() {
        return row.guarantee().forbids(anomalies);
    }

    /** Whether what was promised was kept. */
    public boolean holds() {
        return tally.broken(row.guarantee()).isEmpty() && forbidden().isEmpty();
    }
}
