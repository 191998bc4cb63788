package io.millrace.bench.history;

import io.millrace.bench.history.Anomaly.Kind;
import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds every anomaly in a history whose readers were read-committed. The definitions are those of
 * Jepsen's Kafka workload (jepsen.tests.kafka). The history has to end with a read of everything:
 * else what was not read yet counts as unseen.
 */
public final class Checker {
    private final List<Operation> history;
    private final Map<Place, VersionOrder> orders;
    private final Index index;
    private final List<Anomaly> found = new ArrayList<>();

    private Checker(List<Operation> history) {
        this.history = history;
        orders = VersionOrder.of(history);
        index = new Index(history);
    }

    /** The anomalies of a history, by kind. */
    public static List<Anomaly> check(List<Operation> history) {
        var checker = new Checker(history);
        checker.records();
        checker.reads();
        checker.found.addAll(new ProcessOrder(history, checker.orders).anomalies());
        checker.found.addAll(new Cycles(history, checker.orders, checker.index).anomalies());
        checker.found.addAll(new Positions(history).anomalies());
        checker.found.sort((a, b) -> a.kind().compareTo(b.kind()));
        return List.copyOf(checker.found);
    }

    private void add(Kind kind, List<Integer> operations, String what) {
        found.add(new Anomaly(kind, what, operations));
    }

    /** What each partition's log shows: records missing, repeated, in dispute. */
    private void records() {
        orders.forEach((place, order) -> {
            order.disputedOffsets()
                    .forEach((offset, values) ->
                            add(
                                    Kind.INCONSISTENT_OFFSETS,
                                    values.stream()
                                            .flatMap(value -> index.all(value).stream())
                                            .toList(),
                                    "offset %d of %s holds the records %s"
                                            .formatted(offset, place, values)));
            order.repeatedValues()
                    .forEach((value, offsets) ->
                            add(
                                    Kind.DUPLICATE,
                                    index.all(value),
                                    "record %d stands in %s at the offsets %s"
                                            .formatted(value, place, offsets)));
        });
        for (int i = 0; i < history.size(); i++) {
            for (Step step : history.get(i).steps()) {
                if (step instanceof Step.Sent sent && history.get(i).outcome() == Outcome.OK) {
                    acknowledged(i, sent);
                }
            }
        }
    }

    private void acknowledged(int operation, Step.Sent sent) {
        VersionOrder order = orders.get(sent.place());
        if (order == null || order.wasRead(sent.value())) {
            return;
        }
        int rank = order.rank(sent.value()).orElse(Integer.MAX_VALUE);
        if (rank < order.largestRankRead()) {
            add(
                    Kind.LOST_WRITE,
                    List.of(operation),
                    "record %d of %s was acknowledged at offset %d and never read; later ones were"
                            .formatted(sent.value(), sent.place(), sent.offset()));
        } else {
            add(
                    Kind.UNSEEN,
                    List.of(operation),
                    "record %d of %s was acknowledged and not read by the end"
                            .formatted(sent.value(), sent.place()));
        }
    }

    /** What each operation read that it should not have. */
    private void reads() {
        for (int i = 0; i < history.size(); i++) {
            for (Step step : history.get(i).steps()) {
                if (step instanceof Step.Polled polled) {
                    reads(i, polled);
                }
            }
        }
    }

    private void reads(int operation, Step.Polled polled) {
        polled.reads()
                .forEach((place, reads) ->
                        reads.forEach(read -> {
                            int sender = index.sender(read.value());
                            if (sender >= 0 && sender == operation) {
                                add(
                                        Kind.PRECOMMITTED_READ,
                                        List.of(operation),
                                        "%s read record %d of %s in the operation that sent it"
                                                .formatted(
                                                        history.get(operation).process(),
                                                        read.value(),
                                                        place));
                            } else if (sender >= 0
                                    && history.get(sender).outcome() == Outcome.FAILED) {
                                add(
                                        Kind.ABORTED_READ,
                                        List.of(sender, operation),
                                        "%s read record %d of %s, which was refused or aborted"
                                                .formatted(
                                                        history.get(operation).process(),
                                                        read.value(),
                                                        place));
                            }
                        }));
    }
}
