package io.millrace.bench.history;

import io.millrace.bench.history.Anomaly.Kind;
import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Read;
import io.millrace.bench.history.Operation.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Whether each client's polls and sends follow the order of the logs, one operation after another.
 */
final class ProcessOrder {
    private final List<Operation> history;
    private final Map<Place, VersionOrder> orders;
    private final List<Anomaly> found = new ArrayList<>();
    private final Map<String, Map<Place, Last>> polled = new HashMap<>();
    private final Map<String, Map<Place, Last>> sent = new HashMap<>();

    /** A record that a process sent or read last, and in which operation. */
    private record Last(int operation, int rank, long value) {}

    ProcessOrder(List<Operation> history, Map<Place, VersionOrder> orders) {
        this.history = history;
        this.orders = orders;
    }

    List<Anomaly> anomalies() {
        for (int i = 0; i < history.size(); i++) {
            for (Step step : history.get(i).steps()) {
                on(i, step);
            }
        }
        return found;
    }

    private void on(int operation, Step step) {
        Operation whole = history.get(operation);
        switch (step) {
            case Step.Assigned assigned ->
                    places(polled, whole).keySet().retainAll(assigned.places());
            case Step.Polled reads ->
                    reads.reads()
                            .forEach((place, records) ->
                                    records.forEach(read -> read(operation, place, read)));
            case Step.Sent one -> {
                if (whole.outcome() == Outcome.OK) {
                    sent(operation, one);
                }
            }
            case Step.Committed _, Step.Resumed _ -> {}
        }
    }

    private static Map<Place, Last> places(Map<String, Map<Place, Last>> of, Operation operation) {
        return of.computeIfAbsent(operation.process(), key -> new HashMap<>());
    }

    private void read(int operation, Place place, Read read) {
        int rank = rank(place, read.value()).orElseThrow();
        Last last =
                places(polled, history.get(operation))
                        .put(place, new Last(operation, rank, read.value()));
        if (last == null) {
            return;
        }
        boolean within = last.operation() == operation;
        if (rank <= last.rank()) {
            add(
                    within ? Kind.INT_NONMONOTONIC_POLL : Kind.NONMONOTONIC_POLL,
                    last,
                    operation,
                    place,
                    read.value(),
                    "went back");
        } else if (rank > last.rank() + 1) {
            add(
                    within ? Kind.INT_POLL_SKIP : Kind.POLL_SKIP,
                    last,
                    operation,
                    place,
                    read.value(),
                    "passed over records");
        }
    }

    private void sent(int operation, Step.Sent one) {
        OptionalInt rank = rank(one.place(), one.value());
        if (rank.isEmpty()) {
            return;
        }
        Last last =
                places(sent, history.get(operation))
                        .put(one.place(), new Last(operation, rank.getAsInt(), one.value()));
        if (last == null) {
            return;
        }
        boolean within = last.operation() == operation;
        if (rank.getAsInt() <= last.rank()) {
            add(
                    within ? Kind.INT_NONMONOTONIC_SEND : Kind.NONMONOTONIC_SEND,
                    last,
                    operation,
                    one.place(),
                    one.value(),
                    "was stored before it");
        } else if (within && rank.getAsInt() > last.rank() + 1) {
            add(
                    Kind.INT_SEND_SKIP,
                    last,
                    operation,
                    one.place(),
                    one.value(),
                    "was stored with others' between them");
        }
    }

    private OptionalInt rank(Place place, long value) {
        VersionOrder order = orders.get(place);
        return order == null ? OptionalInt.empty() : order.rank(value);
    }

    private void add(Kind kind, Last last, int operation, Place place, long value, String how) {
        found.add(
                new Anomaly(
                        kind,
                        "%s in %s: after record %d came %d, which %s"
                                .formatted(
                                        history.get(operation).process(),
                                        place,
                                        last.value(),
                                        value,
                                        how),
                        List.of(last.operation(), operation)));
    }
}
