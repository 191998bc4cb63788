package io.millrace.broker.loop;

import io.millrace.cluster.replication.InSyncWish;
import io.millrace.cluster.replication.Joiners;

/**
 * What the replicas on this broker have in common.
 *
 * @param self this node
 * @param maxLagMs {@code replica.lag.time.max.ms}
 * @param listener told of changes of roles
 */
public record Replication(int self, long maxLagMs, Listener listener) {
    /** Told what partitions are here, and knows who may join them; on their loops. */
    public interface Listener extends Joiners {
        /** The partition follows another broker from now on, in the epoch that it says. */
        void follows(Partition partition);

        /** The partition does not follow anybody any more. */
        void stopsFollowing(Partition partition);

        /** The follower has on disk what it had appended. */
        void flushed(Partition partition);

        /** The leader wants others in sync. */
        void wishes(Partition partition, InSyncWish wish);

        /** The partition's log has failed. */
        void failed(Partition partition);
    }

    /** That of a broker without others. */
    public static Replication alone(int self) {
        return new Replication(self, Long.MAX_VALUE, new Nobody());
    }

    /** Hears nothing: no partition has a second replica. */
    private record Nobody() implements Listener {
        @Override
        public void follows(Partition partition) {}

        @Override
        public void stopsFollowing(Partition partition) {}

        @Override
        public void flushed(Partition partition) {}

        @Override
        public void wishes(Partition partition, InSyncWish wish) {}

        @Override
        public void failed(Partition partition) {}

        @Override
        public boolean mayJoin(int node, long nodeEpoch) {
            return false;
        }
    }
}
