package io.millrace.broker.loop;

import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.cluster.replication.LeaderReplica;
import io.millrace.storage.StorageException;

/**
 * Where the logs of a partition's replicas start, as its leader raises it (KIP-107). On the
 * partition's loop.
 */
public final class LogStarts {
    private LogStarts() {}

    /**
     * Raises the log start, and has the followers told at once.
     *
     * @return the log start
     * @throws StorageException if the log cannot be opened
     */
    public static long raise(Partition partition, long offset) {
        long before = partition.log().logStartOffset();
        long start = partition.log().deleteRecordsBefore(offset);
        if (start > before) {
            partition.waits().appended();
        }
        return start;
    }

    /**
     * Calls the waiter once all that are in sync have raised their log starts too, or never can:
     * whoever leads next does not have what was deleted.
     *
     * @param logStart the leader's
     */
    public static void whenRaised(Partition partition, long logStart, CommitWaiter waiter) {
        if (partition.endedWith(waiter)) {
            return;
        }
        if (least(partition) >= logStart) {
            waiter.done(Commit.COMMITTED);
        } else {
            partition.waits().untilRaised(logStart, waiter);
        }
    }

    /** A follower's log starts there. */
    public static void told(Partition partition, int follower, long logStart) {
        LeaderReplica leads = partition.leading();
        if (leads != null) {
            leads.startsAt(follower, logStart);
            look(partition);
        }
    }

    /** Something has changed of who is in sync, or of where their logs start. */
    static void look(Partition partition) {
        if (partition.waits().hasUnraised()) {
            partition.waits().raised(least(partition));
        }
    }

    private static long least(Partition partition) {
        LeaderReplica leads = partition.leading();
        return leads == null ? Long.MAX_VALUE : leads.leastLogStart();
    }
}
