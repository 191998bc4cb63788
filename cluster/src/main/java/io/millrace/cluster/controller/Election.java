package io.millrace.cluster.controller;

import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.metadata.PartitionImage;
import java.util.function.IntPredicate;

/**
 * Who is in sync and who leads when nodes come and go: Kafka's rules, with eligible leader replicas
 * (KIP-966). Stateless.
 *
 * <p>Who leaves the in-sync replicas while fewer remain than {@code min.insync.replicas} stays
 * eligible: nothing is committed then, so it has all that is. A partition without anybody in sync
 * waits for the first of the eligible to come back.
 *
 * @param active which nodes may lead and be in sync
 * @param policy what is in force for the partition's topic
 */
record Election(IntPredicate active, Policy policy) {
    /** The partition with a leader if one may lead, and only active nodes in sync. */
    PartitionImage settle(PartitionImage partition) {
        NodeIds inSync = partition.inSyncReplicas().only(active);
        return elect(members(partition, inSync));
    }

    /** The partition without a node of which is not known what it still has. */
    PartitionImage withoutLost(PartitionImage partition, int node) {
        NodeIds inSync = partition.inSyncReplicas().minus(node);
        PartitionImage reduced = members(partition, inSync);
        return settle(reduced.withMembers(inSync, reduced.eligible().minus(node)));
    }

    /** The partition with these in sync. */
    PartitionImage members(PartitionImage partition, NodeIds inSync) {
        int minimum = Math.min(policy.minInSyncReplicas(), partition.replicas().size());
        NodeIds eligible =
                inSync.size() >= minimum
                        ? NodeIds.none()
                        : partition
                                .inSyncReplicas()
                                .plus(partition.eligible())
                                .minus(inSync)
                                .only(partition.replicas()::has);
        return partition.withMembers(inSync, eligible);
    }

    private PartitionImage elect(PartitionImage partition) {
        if (partition.inSyncReplicas().has(partition.leader())
                && partition.replicas().has(partition.leader())) {
            return partition;
        }
        int next = first(partition, partition.inSyncReplicas()::has);
        if (next >= 0) {
            return partition.withLeader(next);
        }
        next = first(partition, partition.eligible()::has);
        if (next >= 0) {
            return alone(partition, next);
        }
        return partition.withLeader(PartitionImage.NO_LEADER);
    }

    /** The partition led by a replica that may lack committed records, if no other can lead. */
    PartitionImage electUnclean(PartitionImage partition) {
        PartitionImage settled = settle(partition);
        if (settled.leader() != PartitionImage.NO_LEADER) {
            return settled;
        }
        int next = first(settled, node -> true);
        return next < 0
                ? settled
                : settled.withLeader(next).withMembers(NodeIds.of(next), NodeIds.none());
    }

    /** Led by one of the eligible, the only one in sync then. */
    private PartitionImage alone(PartitionImage partition, int node) {
        return members(partition, NodeIds.of(node)).withLeader(node);
    }

    private int first(PartitionImage partition, IntPredicate among) {
        for (int replica : partition.replicas()) {
            if (among.test(replica) && active.test(replica)) {
                return replica;
            }
        }
        return PartitionImage.NO_LEADER;
    }

    /** The partition with its first replica leading, if that is in sync. */
    PartitionImage prefer(PartitionImage partition) {
        int preferred = partition.replicas().get(0);
        return partition.inSyncReplicas().has(preferred) && active.test(preferred)
                ? partition.withLeader(preferred)
                : partition;
    }

    /** The partition with its reassignment done, if all that it adds are in sync. */
    PartitionImage completeReassignment(PartitionImage partition) {
        NodeIds stay = partition.inSyncReplicas().minus(partition.removing());
        boolean done =
                partition.isReassigned()
                        && !stay.isEmpty()
                        && partition.inSyncReplicas().containsAll(partition.adding());
        if (!done) {
            return partition;
        }
        PartitionImage moved =
                partition.withReplicas(partition.target(), NodeIds.none(), NodeIds.none());
        NodeIds eligible = moved.eligible().only(moved.replicas()::has);
        return elect(moved.withMembers(stay, eligible));
    }
}
