package io.millrace.cluster.metadata;

import java.util.List;

/**
 * One partition: who holds it, who leads it, and who may.
 *
 * @param leader node id; -1 if nobody leads it
 * @param leaderEpoch rises with every change of leader
 * @param partitionEpoch rises with every change
 * @param replicas who holds it, or is to; the first is the preferred leader
 * @param inSyncReplicas who has all that is committed, and whom a commit waits for
 * @param eligible who is not in sync, but has all that is committed: nothing is committed while
 *     there are fewer in sync than {@code min.insync.replicas} (KIP-966)
 * @param adding the replicas that a reassignment adds
 * @param removing the replicas that it takes away once those are in sync
 */
public record PartitionImage(
        int index,
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        NodeIds replicas,
        NodeIds inSyncReplicas,
        NodeIds eligible,
        NodeIds adding,
        NodeIds removing) {
    /** The leader of a partition that nobody leads. */
    public static final int NO_LEADER = -1;

    /** One that was just made: the first replica leads, and all are in sync. */
    public static PartitionImage created(int index, List<Integer> replicas) {
        NodeIds nodes = NodeIds.of(replicas);
        return new PartitionImage(
                index,
                nodes.get(0),
                0,
                0,
                nodes,
                nodes,
                NodeIds.none(),
                NodeIds.none(),
                NodeIds.none());
    }

    /** Whether it is as {@link #created} made it, so that its replicas say all. */
    boolean isAsCreated() {
        return equals(created(index, replicas));
    }

    /** Whether its replicas are being changed. */
    public boolean isReassigned() {
        return !adding.isEmpty() || !removing.isEmpty();
    }

    /** The replicas that there will be when the reassignment is done. */
    public NodeIds target() {
        return replicas.minus(removing);
    }

    /** With these in sync, and these eligible. */
    public PartitionImage withMembers(NodeIds inSync, NodeIds eligibleNow) {
        return new PartitionImage(
                index,
                leader,
                leaderEpoch,
                partitionEpoch,
                replicas,
                inSync,
                eligibleNow,
                adding,
                removing);
    }

    /** With these replicas. */
    public PartitionImage withReplicas(NodeIds holders, NodeIds added, NodeIds removed) {
        return new PartitionImage(
                index,
                leader,
                leaderEpoch,
                partitionEpoch,
                holders,
                inSyncReplicas,
                eligible,
                added,
                removed);
    }

    /** Led by that node, in a new epoch if it is another. */
    public PartitionImage withLeader(int node) {
        return new PartitionImage(
                index,
                node,
                node == leader ? leaderEpoch : leaderEpoch + 1,
                partitionEpoch,
                replicas,
                inSyncReplicas,
                eligible,
                adding,
                removing);
    }

    /** In the partition epoch after another one's. */
    public PartitionImage after(PartitionImage earlier) {
        return new PartitionImage(
                index,
                leader,
                leaderEpoch,
                earlier.partitionEpoch + 1,
                replicas,
                inSyncReplicas,
                eligible,
                adding,
                removing);
    }
}
