package io.millrace.cluster.metadata;

import java.util.List;
import java.util.UUID;

/** A topic and its partitions, in the order of their indexes. */
public record TopicImage(UUID id, String name, List<PartitionImage> partitions) {
    /**
     * One partition. The first replica is the preferred leader; with one replica it leads.
     *
     * @param leaderEpoch rises with every change of leader
     */
    public record PartitionImage(int index, int leader, int leaderEpoch, List<Integer> replicas) {
        /** The replicas that have all that is committed. */
        public List<Integer> inSyncReplicas() {
            return replicas;
        }
    }
}
