package io.millrace.broker.group;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An offset that a group has committed.
 *
 * @param leaderEpoch -1 if not known
 * @param order rises with each that comes to the shard, committed or pending
 * @param committedMs when, milliseconds since the epoch
 * @param expireMs when it may be forgotten; -1 leaves that to the broker's retention
 * @param topicId of the topic that it is of; null if it was stored before ids were
 */
public record CommittedOffset(
        long offset,
        int leaderEpoch,
        String metadata,
        long order,
        long committedMs,
        long expireMs,
        @Nullable UUID topicId) {
    public static final long BY_THE_BROKER = -1;

    /** Whether it is of that topic, as far as is known, and not of an earlier one of the name. */
    public boolean isOf(@Nullable UUID topic) {
        return topicId == null || topic == null || topicId.equals(topic);
    }
}
