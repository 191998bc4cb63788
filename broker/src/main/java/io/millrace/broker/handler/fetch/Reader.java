package io.millrace.broker.handler.fetch;

import io.millrace.broker.handler.log.Isolation;
import io.millrace.broker.handler.log.LogErrors;
import io.millrace.broker.loop.AppendWatcher;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.ReplicaThrottle;
import java.util.function.IntPredicate;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.jspecify.annotations.Nullable;

/**
 * Who fetches: a consumer, which sees what is committed, or a follower, which sees all.
 *
 * @param follower the node; -1 for a consumer
 * @param nodeEpoch the follower's registration; -1 if it does not say
 * @param committedOnly whether a consumer skips what belongs to open transactions
 * @param anyReplica whether a consumer may read from followers too (KIP-392)
 * @param near which nodes are near a consumer that is to be sent there; null if it is to stay
 * @param throttle of followers
 */
record Reader(
        int follower,
        long nodeEpoch,
        boolean committedOnly,
        boolean anyReplica,
        @Nullable IntPredicate near,
        ReplicaThrottle throttle) {
    private static final short ANY_REPLICA_SINCE = 11;

    static Reader of(FetchRequest body, FetchRules rules) {
        boolean anyReplica = body.replicaId() < 0 && body.version() >= ANY_REPLICA_SINCE;
        return new Reader(
                body.replicaId(),
                body.replicaEpoch(),
                Isolation.of(body::isolationLevel) == IsolationLevel.READ_COMMITTED,
                anyReplica,
                anyReplica ? rules.racks().near(body.rackId()) : null,
                rules.throttle());
    }

    boolean isFollower() {
        return follower >= 0;
    }

    /** What keeps the reader from this partition; NONE if nothing does. */
    Errors availability(Partition partition) {
        return anyReplica ? LogErrors.readability(partition) : LogErrors.availability(partition);
    }

    /** Exclusive end of what the reader may see. */
    long endOf(Partition partition) {
        if (isFollower()) {
            return partition.log().logEndOffset();
        }
        return committedOnly ? partition.lastStableOffset() : partition.highWatermark();
    }

    /**
     * Has the watcher told when there may be more for this reader.
     *
     * @param ofCommits whether a follower waits to hear what is committed, too
     */
    void watch(Partition partition, AppendWatcher watcher, boolean ofCommits) {
        if (isFollower()) {
            partition.watchAppends(watcher);
        }
        if (!isFollower() || ofCommits) {
            partition.watch(watcher);
        }
    }
}
