package io.millrace.broker.queue.model;

/**
 * What a record asks of the queue beyond being delivered.
 *
 * @param key hash of the key whose records come one at a time, in order; 0 for none
 * @param dueMs not delivered before, milliseconds since the epoch; 0 at once
 * @param expiresMs not delivered at or after, milliseconds since the epoch; {@link #NEVER}
 * @param priority 0 the lowest class
 */
public record Traits(int key, long dueMs, long expiresMs, int priority) {
    /** A time that does not come. */
    public static final long NEVER = Long.MAX_VALUE;

    /** A record that asks for nothing. */
    public static final Traits PLAIN = new Traits(0, 0, NEVER, 0);

    /** Classes of priority at most. */
    public static final int MOST_PRIORITIES = 10;

    /** The same, but for a wait that is over. */
    public Traits atOnce() {
        return dueMs == 0 ? this : new Traits(key, 0, expiresMs, priority);
    }

    public boolean isExpired(long nowMs) {
        return nowMs >= expiresMs;
    }
}
