package io.millrace.bench.lab.client;

import io.millrace.bench.history.Anomaly;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What one row came to. */
public record Judged(Row row, Tally tally, List<Anomaly> anomalies) {
    /** How many anomalies there are of each kind, by its label. */
    public Map<String, Long> kinds() {
        return anomalies.stream()
                .collect(
                        Collectors.groupingBy(
                                one -> one.kind().label(), TreeMap::new, Collectors.counting()));
    }

    /** The anomalies that its promise excludes. */
    public List<Anomaly> forbidden() {
        return row.guarantee().forbids(anomalies);
    }

    /** Whether nothing at all was delivered: such a row has lost nothing and proves nothing. */
    public boolean isEmpty() {
        return tally.count(Column.DELIVERED) == 0;
    }

    /** Whether something was delivered, and as was promised. */
    public boolean holds() {
        return !isEmpty() && tally.broken(row.guarantee()).isEmpty() && forbidden().isEmpty();
    }
}
