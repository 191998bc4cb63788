package io.millrace.broker.group;

/**
 * An offset that a group has committed.
 *
 * @param leaderEpoch -1 if not known
 * @param order rises with each that comes to the shard, committed or pending
 * @param committedMs when, milliseconds since the epoch
 * @param expireMs when it may be forgotten; -1 leaves that to the broker's retention
 */
public record CommittedOffset(
        long offset,
        int leaderEpoch,
        String metadata,
        long order,
        long committedMs,
        long expireMs) {
    public static final long BY_THE_BROKER = -1;

    /** An offset that the broker's retention applies to. */
    public CommittedOffset(
            long offset, int leaderEpoch, String metadata, long order, long committedMs) {
        this(offset, leaderEpoch, metadata, order, committedMs, BY_THE_BROKER);
    }
}
