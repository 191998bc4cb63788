package io.millrace.bench.history;

import java.util.List;

/**
 * Something that should not be seen.
 *
 * @param what it is, in a sentence
 * @param operations that show it, as indexes into the history
 */
public record Anomaly(Kind kind, String what, List<Integer> operations) {
    public Anomaly {
        operations = List.copyOf(operations);
    }

    /** The anomalies, named as Jepsen's Kafka workload names them. */
    public enum Kind {
        /** An acknowledged record was never read, though later ones of its partition were. */
        LOST_WRITE("lost-write", false),
        /** An acknowledged record was not read by the end. */
        UNSEEN("unseen", false),
        /** One record stands at several offsets. */
        DUPLICATE("duplicate", false),
        /** One offset was read with several records. */
        INCONSISTENT_OFFSETS("inconsistent-offsets", false),
        /** A record was read that was refused or aborted. */
        ABORTED_READ("G1a", false),
        /** A transaction read what it had itself sent. */
        PRECOMMITTED_READ("precommitted-read", false),
        /** A client's next poll passed over records. */
        POLL_SKIP("poll-skip", false),
        /** A client's next poll went back. */
        NONMONOTONIC_POLL("nonmonotonic-poll", false),
        /** A client's next send came to stand before its last. */
        NONMONOTONIC_SEND("nonmonotonic-send", false),
        /** Within one operation, polls passed over records. */
        INT_POLL_SKIP("int-poll-skip", false),
        /** Within one operation, polls went back. */
        INT_NONMONOTONIC_POLL("int-nonmonotonic-poll", false),
        /** Within one operation, others' records stand between its own: Kafka's model allows it. */
        INT_SEND_SKIP("int-send-skip", true),
        /** Within one operation, sends came to stand in another order. */
        INT_NONMONOTONIC_SEND("int-nonmonotonic-send", false),
        /** Transactions wrote in a circle: Kafka's model, which does not order them, allows it. */
        WRITE_CYCLE("G0", true),
        /** Transactions read each other's writes in a circle. */
        READ_CYCLE("G1c", false),
        /** A group went on before a position that had been stored. Our own name. */
        LOST_COMMIT("lost-commit", false);

        private final String label;
        private final boolean allowed;

        Kind(String label, boolean allowed) {
            this.label = label;
            this.allowed = allowed;
        }

        /** The name in reports. */
        public String label() {
            return label;
        }

        /** Whether Kafka's model allows it, however well a broker works. */
        public boolean allowed() {
            return allowed;
        }
    }
}
