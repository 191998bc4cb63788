package io.millrace.broker.queue.model;

import java.util.List;

/**
 * What a stretch of the log holds, as the partition's owner has read it.
 *
 * @param from first offset looked at
 * @param to exclusive end of what was looked at
 * @param units the records in it, in order; what lies between them is no data
 * @param indexed whether records were looked at one by one, and those that must wait are indexed;
 *     else only batches were
 */
public record Scan(long from, long to, List<Unit> units, boolean indexed) {
    /** Nothing was looked at. */
    public static final Scan NONE = new Scan(0, 0, List.of(), false);

    /** Records that lie together and ask for the same: a batch, or one record. */
    public record Unit(OffsetRange range, Traits traits) {}
}
