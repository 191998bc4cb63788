package io.millrace.bench.history;

import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Read;
import io.millrace.bench.history.Operation.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes histories down in few words. Time passes by one nanosecond a line. */
final class Histories {
    static final Place X = new Place("x", 0);
    static final Place Y = new Place("y", 0);

    private final List<Operation> operations = new ArrayList<>();

    Histories ok(String process, Step... steps) {
        return add(process, Outcome.OK, steps);
    }

    Histories failed(String process, Step... steps) {
        return add(process, Outcome.FAILED, steps);
    }

    Histories unknown(String process, Step... steps) {
        return add(process, Outcome.UNKNOWN, steps);
    }

    private Histories add(String process, Outcome outcome, Step... steps) {
        long beganNs = operations.size() * 10L;
        operations.add(new Operation(process, beganNs, beganNs + 5, outcome, List.of(steps)));
        return this;
    }

    List<Operation> history() {
        return operations;
    }

    /** The labels of the anomalies found, each once. */
    List<String> anomalies() {
        return Checker.check(operations).stream()
                .map(anomaly -> anomaly.kind().label())
                .distinct()
                .toList();
    }

    static Step sent(Place place, long value, long offset) {
        return new Step.Sent(place, value, offset);
    }

    /** Offsets and values in turn. */
    static Step polled(Place place, long... offsetsAndValues) {
        return new Step.Polled(Map.of(place, reads(offsetsAndValues)));
    }

    static List<Read> reads(long... offsetsAndValues) {
        var reads = new ArrayList<Read>();
        for (int i = 0; i < offsetsAndValues.length; i += 2) {
            reads.add(new Read(offsetsAndValues[i], offsetsAndValues[i + 1]));
        }
        return reads;
    }

    static Step assigned(Place... places) {
        return new Step.Assigned(Set.of(places));
    }

    static Step committed(Place place, long offset) {
        return new Step.Committed("g", place, offset);
    }

    static Step resumed(Place place, long offset) {
        return new Step.Resumed("g", place, offset);
    }
}
