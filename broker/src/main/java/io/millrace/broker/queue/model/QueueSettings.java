package io.millrace.broker.queue.model;

/**
 * How a group's queues behave.
 *
 * @param deadLetters whether records that cannot be processed are kept for a dead-letter topic
 * @param paused whether nothing is handed out
 */
public record QueueSettings(
        Locks locks, Retry retry, Extras extras, boolean deadLetters, boolean paused) {

    /**
     * Kafka's settings of share groups.
     *
     * @param most records of a partition that may be held at once
     * @param durationMs how long one is held
     * @param deliveries how often one is delivered at most
     * @param renewable whether consumers may hold on to one
     */
    public record Locks(int most, int durationMs, int deliveries, boolean renewable) {}

    /**
     * How long a record rests between deliveries.
     *
     * @param initialMs after the first; 0 for none
     * @param longestMs after however many
     * @param multiplier from one rest to the next; at least 1
     * @param jitter the share of a rest that is left to chance, 0 to 1
     */
    public record Retry(long initialMs, long longestMs, double multiplier, double jitter) {
        /** No rest. */
        public static final Retry NONE = new Retry(0, 0, 1, 0);

        /**
         * The rest after a delivery.
         *
         * @param deliveries how often the record was delivered; at least 1
         * @param chance from 0 (inclusive) to 1
         */
        public long restMs(int deliveries, double chance) {
            double full = (double) initialMs * Math.pow(multiplier, deliveries - 1.0);
            double capped = Math.min(full, (double) longestMs);
            return Math.round(capped * (1 - jitter * chance));
        }
    }

    /**
     * What Kafka does not have.
     *
     * @param headers whether headers of records are honoured
     * @param keyOrder whether the records of a key come one at a time and in order
     * @param priorities classes of priority; 1 for none
     * @param timeToLiveMs how long after its timestamp a record is worth delivering; -1 for ever
     * @param delayMs how long after its timestamp a record becomes due; 0 at once
     */
    public record Extras(
            boolean headers, boolean keyOrder, int priorities, long timeToLiveMs, long delayMs) {
        /** Nothing more than Kafka's. */
        public static final Extras NONE = new Extras(false, false, 1, -1, 0);

        /** Whether records have to be looked at one by one. */
        public boolean any() {
            return !equals(NONE);
        }
    }
}
