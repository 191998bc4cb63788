package io.millrace.bench.history;

import io.millrace.bench.history.Anomaly.Kind;
import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether groups go on from where they stored that they were. */
final class Positions {
    private final List<Operation> history;

    private record Key(String group, Place place) {}

    private record Stored(int operation, long offset) {}

    Positions(List<Operation> history) {
        this.history = history;
    }

    List<Anomaly> anomalies() {
        var commits = new HashMap<Key, List<Stored>>();
        for (int i = 0; i < history.size(); i++) {
            for (Step step : history.get(i).steps()) {
                if (step instanceof Step.Committed one && history.get(i).outcome() == Outcome.OK) {
                    commits.computeIfAbsent(
                                    new Key(one.group(), one.place()), key -> new ArrayList<>())
                            .add(new Stored(i, one.offset()));
                }
            }
        }
        var found = new ArrayList<Anomaly>();
        for (int i = 0; i < history.size(); i++) {
            for (Step step : history.get(i).steps()) {
                if (step instanceof Step.Resumed resumed) {
                    check(i, resumed, commits, found);
                }
            }
        }
        return found;
    }

    private void check(
            int operation,
            Step.Resumed resumed,
            Map<Key, List<Stored>> commits,
            List<Anomaly> found) {
        for (Stored stored :
                commits.getOrDefault(new Key(resumed.group(), resumed.place()), List.of())) {
            boolean before =
                    history.get(stored.operation()).endedNs() < history.get(operation).beganNs();
            if (before && resumed.offset() < stored.offset()) {
                found.add(
                        new Anomaly(
                                Kind.LOST_COMMIT,
                                "group %s read %s from offset %d after %d had been stored"
                                        .formatted(
                                                resumed.group(),
                                                resumed.place(),
                                                resumed.offset(),
                                                stored.offset()),
                                List.of(stored.operation(), operation)));
                return;
            }
        }
    }
}
