package io.millrace.broker.group.offsets;

/**
 * Numbers the offsets of a shard in the order in which they came, which no clock tells: leaders'
 * differ, and are set back. Each is stored with its number, so that the next leader goes on from
 * the greatest that is still of use. Mutable; belongs to its shard.
 */
public final class OffsetOrder {
    private long last;

    /** The number of an offset that comes now: greater than all before. */
    public long next() {
        return ++last;
    }

    /** One with that number was stored. */
    public void stored(long number) {
        last = Math.max(last, number);
    }
}
