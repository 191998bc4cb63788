package io.millrace.bench.lab.client;

import io.millrace.bench.history.Anomaly;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A row of the table: how records are produced and consumed, and what that promises.
 *
 * @param id names its topic
 * @param promise at most once, at least once, exactly once
 * @param cache whether its broker acknowledges from the page cache ({@code millrace.durability=os})
 * @param outcome what must be zero, and why the rest need not be
 */
public record Guarantee(
        String id,
        String promise,
        Producing producing,
        Consuming consuming,
        boolean cache,
        Outcome outcome) {
    /**
     * What a row must and may come to.
     *
     * @param zero what must be zero
     * @param because for what may be more than zero, the reason
     */
    public record Outcome(Set<Column> zero, Map<Column, String> because) {}

    /** How records are sent. */
    public enum Producing {
        NO_ANSWER("acks=0"),
        RETRYING("acks=all, retries"),
        IDEMPOTENT("idempotent"),
        TRANSACTIONAL("transactional");

        private final String label;

        Producing(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /** How records are taken. */
    public enum Consuming {
        COMMIT_FIRST("group, commits then works"),
        COMMIT_AFTER("group, works then commits"),
        COMMIT_AFTER_BY_EPOCH("group of the consumer protocol, works then commits"),
        COMMIT_AFTER_UNCOMMITTED("group, read_uncommitted"),
        QUEUE_ACCEPT_FIRST("queue, accepts then works"),
        QUEUE_ACCEPT_AFTER("queue, works then accepts"),
        TRANSFORM("group, results and position in one transaction"),
        TRANSFORM_BY_EPOCH(
                "group of the consumer protocol, results and position in one transaction");

        private final String label;

        Consuming(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }

        public boolean isQueue() {
            return this == QUEUE_ACCEPT_FIRST || this == QUEUE_ACCEPT_AFTER;
        }

        /** Whether the position is stored before the work is done. */
        public boolean storesFirst() {
            return this == COMMIT_FIRST || this == QUEUE_ACCEPT_FIRST;
        }

        /** Whether what is delivered are results, in a topic of their own. */
        public boolean isTransform() {
            return this == TRANSFORM || this == TRANSFORM_BY_EPOCH;
        }

        /** Whether the group's members speak the consumer protocol (KIP-848). */
        public boolean isByEpoch() {
            return this == COMMIT_AFTER_BY_EPOCH || this == TRANSFORM_BY_EPOCH;
        }
    }

    private static final String AT_MOST_ONCE = "at most once";
    private static final String AT_LEAST_ONCE = "at least once";
    private static final String EXACTLY_ONCE = "exactly once";
    private static final String CRASH_BETWEEN =
            "a consumer that crashed after its work and before it stored so leaves the work to be"
                    + " done again";
    private static final String RETRY =
            "a producer without sequence numbers repeats what was stored when only the answer was"
                    + " lost";
    private static final String SHARED = "the members of a queue work side by side";

    public String title() {
        return promise
                + ": "
                + producing.label
                + "; "
                + consuming.label
                + (cache ? "; acknowledged from the page cache" : "");
    }

    /** Every row, those of the page cache only if the power is going to fail. */
    public static List<Guarantee> all(boolean powerLoss) {
        var rows = new ArrayList<Guarantee>();
        rows.addAll(atMostOnce());
        rows.addAll(atLeastOnceInGroups());
        rows.addAll(atLeastOnceInQueues());
        rows.addAll(exactlyOnce());
        if (powerLoss) {
            rows.add(fromThePageCache());
        }
        return List.copyOf(rows);
    }

    private static List<Guarantee> atMostOnce() {
        String dropped = "nobody repeats what did not arrive, and a crash after the %s drops work";
        String overtaken =
                "records that arrive over a new connection may overtake those of a broken one";
        return List.of(
                row(
                        "amo-group",
                        AT_MOST_ONCE,
                        Producing.NO_ANSWER,
                        Consuming.COMMIT_FIRST,
                        Map.of(
                                Column.LOST,
                                dropped.formatted("commit"),
                                Column.REORDERED,
                                overtaken)),
                row(
                        "amo-queue",
                        AT_MOST_ONCE,
                        Producing.NO_ANSWER,
                        Consuming.QUEUE_ACCEPT_FIRST,
                        Map.of(
                                Column.LOST,
                                dropped.formatted("acceptance"),
                                Column.REORDERED,
                                SHARED)));
    }

    private static List<Guarantee> atLeastOnceInGroups() {
        return List.of(
                row(
                        "alo-plain",
                        AT_LEAST_ONCE,
                        Producing.RETRYING,
                        Consuming.COMMIT_AFTER,
                        Map.of(
                                Column.DUPLICATED,
                                RETRY + "; and " + CRASH_BETWEEN,
                                Column.REORDERED,
                                "a repeated request may come to stand behind later ones")),
                row(
                        "alo-idempotent",
                        AT_LEAST_ONCE,
                        Producing.IDEMPOTENT,
                        Consuming.COMMIT_AFTER,
                        Map.of(Column.DUPLICATED, CRASH_BETWEEN)),
                row(
                        "alo-epoch",
                        AT_LEAST_ONCE,
                        Producing.IDEMPOTENT,
                        Consuming.COMMIT_AFTER_BY_EPOCH,
                        Map.of(Column.DUPLICATED, CRASH_BETWEEN)),
                row(
                        "uncommitted",
                        AT_LEAST_ONCE,
                        Producing.TRANSACTIONAL,
                        Consuming.COMMIT_AFTER_UNCOMMITTED,
                        Map.of(
                                Column.DUPLICATED,
                                CRASH_BETWEEN,
                                Column.ABORTED_SEEN,
                                "read_uncommitted readers see what is aborted later")));
    }

    private static List<Guarantee> atLeastOnceInQueues() {
        Map<Column, String> because =
                Map.of(Column.DUPLICATED, CRASH_BETWEEN, Column.REORDERED, SHARED);
        Consuming consuming = Consuming.QUEUE_ACCEPT_AFTER;
        return List.of(
                row("alo-queue", AT_LEAST_ONCE, Producing.IDEMPOTENT, consuming, because),
                row("alo-txn-queue", AT_LEAST_ONCE, Producing.TRANSACTIONAL, consuming, because));
    }

    private static List<Guarantee> exactlyOnce() {
        return List.of(
                row("eos", EXACTLY_ONCE, Producing.TRANSACTIONAL, Consuming.TRANSFORM, Map.of()),
                row(
                        "eos-epoch",
                        EXACTLY_ONCE,
                        Producing.TRANSACTIONAL,
                        Consuming.TRANSFORM_BY_EPOCH,
                        Map.of()));
    }

    private static Guarantee fromThePageCache() {
        return new Guarantee(
                "cache",
                AT_LEAST_ONCE,
                Producing.IDEMPOTENT,
                Consuming.COMMIT_AFTER,
                true,
                may(
                        Map.of(
                                Column.LOST,
                                "what was acknowledged from memory is gone when the power fails",
                                Column.DUPLICATED,
                                CRASH_BETWEEN,
                                Column.REORDERED,
                                "what was lost in between is delivered in no order at all")));
    }

    private static Guarantee row(
            String id,
            String promise,
            Producing producing,
            Consuming consuming,
            Map<Column, String> because) {
        return new Guarantee(id, promise, producing, consuming, false, may(because));
    }

    /** The anomalies among these that a history of this row must not show. */
    public List<Anomaly> forbids(List<Anomaly> anomalies) {
        Set<Anomaly.Kind> allowed = EnumSet.noneOf(Anomaly.Kind.class);
        if (cache || producing == Producing.NO_ANSWER) {
            // What was acknowledged may be gone, and what was not is owed nothing.
            return List.of();
        }
        if (producing == Producing.RETRYING) {
            allowed.add(Anomaly.Kind.DUPLICATE);
            allowed.add(Anomaly.Kind.NONMONOTONIC_SEND);
            allowed.add(Anomaly.Kind.NONMONOTONIC_POLL);
            allowed.add(Anomaly.Kind.POLL_SKIP);
            allowed.add(Anomaly.Kind.INT_NONMONOTONIC_POLL);
            allowed.add(Anomaly.Kind.INT_POLL_SKIP);
        }
        if (consuming == Consuming.COMMIT_AFTER_UNCOMMITTED) {
            allowed.add(Anomaly.Kind.ABORTED_READ);
        }
        return anomalies.stream()
                .filter(one -> !one.kind().allowed() && !allowed.contains(one.kind()))
                .toList();
    }

    private static Outcome may(Map<Column, String> because) {
        Set<Column> zero =
                EnumSet.of(Column.LOST, Column.DUPLICATED, Column.REORDERED, Column.ABORTED_SEEN);
        zero.removeAll(because.keySet());
        return new Outcome(zero, because);
    }
}
