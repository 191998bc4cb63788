package io.millrace.broker.replica;

import io.millrace.broker.loop.Partition;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.replication.FollowerReplica;
import java.util.UUID;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;

/** A partition that is fetched as one follower, until another is. On the partition's loop. */
final class Followed {
    private final Partition partition;
    private final FollowerReplica as;
    private long restsUntilMs;
    private boolean asked;

    /** Names a partition as requests and answers do. */
    record Key(UUID topic, int index) {
        static Key of(Partition partition) {
            return new Key(partition.id().topicId(), partition.id().index());
        }

        org.apache.kafka.common.Uuid wireTopic() {
            return Uuids.toWire(topic);
        }
    }

    Followed(Partition partition, FollowerReplica as) {
        this.partition = partition;
        this.as = as;
    }

    Partition partition() {
        return partition;
    }

    FollowerReplica as() {
        return as;
    }

    /** Whether something is still on its way to the disk. */
    boolean isUnflushed() {
        return partition.log().flushedOffset() < partition.log().logEndOffset();
    }

    /** Until when it is not asked for. */
    long restsUntilMs() {
        return restsUntilMs;
    }

    void restUntil(long timeMs) {
        restsUntilMs = timeMs;
    }

    /** Whether the request under way is for it: what is answered otherwise is not for this one. */
    boolean isAsked() {
        return asked;
    }

    void asked(boolean is) {
        asked = is;
    }

    /** What to fetch: what comes after all that is on disk here. */
    FetchPartition wanted(int maxBytes, boolean readByConsumers) {
        long offset = partition.log().flushedOffset();
        return new FetchPartition()
                .setPartition(partition.id().index())
                .setCurrentLeaderEpoch(as.leaderEpoch())
                .setFetchOffset(offset)
                .setLastFetchedEpoch(partition.log().epochAt(offset - 1))
                .setLogStartOffset(partition.log().logStartOffset())
                .setHighWatermark(readByConsumers ? partition.committedByLeader() : Long.MAX_VALUE)
                .setPartitionMaxBytes(maxBytes);
    }
}
