package io.millrace.cluster.replication;

import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.metadata.PartitionImage;

/**
 * What the metadata says of a partition, as far as its replicas need to know it.
 *
 * @param minInSyncReplicas how many have to be in sync for anything to be committed; at most as
 *     many as there are replicas
 */
public record Terms(
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        NodeIds replicas,
        NodeIds inSyncReplicas,
        int minInSyncReplicas) {
    /**
     * The terms by the metadata.
     *
     * @param minInSync {@code min.insync.replicas} of the topic
     */
    public static Terms of(PartitionImage partition, int minInSync) {
        return new Terms(
                partition.leader(),
                partition.leaderEpoch(),
                partition.partitionEpoch(),
                partition.replicas(),
                partition.inSyncReplicas(),
                Math.min(minInSync, partition.replicas().size()));
    }

    /** Whether too few replicas are in sync for anything to be committed. */
    public boolean isUnderMinimum() {
        return inSyncReplicas.size() < minInSyncReplicas;
    }

    /** The same where nobody is known to lead. */
    public Terms withoutLeader() {
        return new Terms(
                PartitionImage.NO_LEADER,
                leaderEpoch,
                partitionEpoch,
                replicas,
                inSyncReplicas,
                minInSyncReplicas);
    }

    /** Whether the same node leads in the same epoch as by others. */
    public boolean isLedAsBy(Terms others) {
        return leader == others.leader && leaderEpoch == others.leaderEpoch;
    }
}
