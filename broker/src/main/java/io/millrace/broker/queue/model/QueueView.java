package io.millrace.broker.queue.model;

import java.util.List;

/**
 * What a queue looks like from outside.
 *
 * @param offsets where it starts and ends
 * @param counts how many records are in which state
 * @param nextDueMs when the next delayed record becomes due; {@link Traits#NEVER}
 * @param held the first records that are held, rest, or are dead
 */
public record QueueView(Offsets offsets, Counts counts, long nextDueMs, List<One> held) {
    /** Start, and exclusive end of what was looked at. */
    public record Offsets(long start, long end) {}

    /**
     * Records before the end by state.
     *
     * @param available may be taken now
     * @param acquired held by a consumer
     * @param resting rest between two deliveries
     * @param waiting delayed, behind others of their key, or behind a higher class
     * @param dead on their way to the dead-letter topic
     */
    public record Counts(int available, int acquired, int resting, int waiting, int dead) {}

    /** One record that was delivered, or is dead. */
    public record One(long offset, Phase phase, int deliveries, String member, long untilMs) {}
}
