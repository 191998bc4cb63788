package io.millrace.bench.io.plan;

/** When what was written is made durable (fdatasync). */
public sealed interface SyncPolicy {
    /** Not while it is measured. */
    record Never() implements SyncPolicy {
        @Override
        public String words() {
            return "";
        }
    }

    /** After so many writes, over all files. */
    record Every(int writes) implements SyncPolicy {
        @Override
        public String words() {
            return writes == 1 ? ", each synced" : ", %,d a sync".formatted(writes);
        }
    }

    /** When so long has passed since the last one. */
    record Interval(int ms) implements SyncPolicy {
        @Override
        public String words() {
            return ", a sync every %d ms".formatted(ms);
        }
    }

    SyncPolicy NEVER = new Never();

    /** How a workload's name says it. */
    String words();
}
