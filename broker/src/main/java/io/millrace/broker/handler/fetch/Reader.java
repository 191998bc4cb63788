package io.millrace.broker.handler.fetch;

import io.millrace.broker.loop.AppendWatcher;
import io.millrace.broker.loop.Partition;

/**
 * Who fetches: a consumer, which sees what is committed, or a follower, which sees all.
 *
 * @param follower the node; -1 for a consumer
 * @param nodeEpoch the follower's registration; -1 if it does not say
 * @param committedOnly whether a consumer skips what belongs to open transactions
 */
record Reader(int follower, long nodeEpoch, boolean committedOnly) {
    boolean isFollower() {
        return follower >= 0;
    }

    /** Exclusive end of what the reader may see. */
    long endOf(Partition partition) {
        if (isFollower()) {
            return partition.log().logEndOffset();
        }
        return committedOnly ? partition.lastStableOffset() : partition.highWatermark();
    }

    /** Has the watcher told when there may be more for this reader. */
    void watch(Partition partition, AppendWatcher watcher) {
        if (isFollower()) {
            partition.watchAppends(watcher);
        } else {
            partition.watch(watcher);
        }
    }

    /** Whether there may be more than what was read when the end was at an offset. */
    boolean hasMore(Partition partition, long endThen) {
        if (partition.isDeleted() || partition.isOffline() || !partition.isLed()) {
            return true;
        }
        return endThen
                != (isFollower() ? partition.log().logEndOffset() : partition.highWatermark());
    }
}
