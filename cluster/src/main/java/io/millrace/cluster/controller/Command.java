package io.millrace.cluster.controller;

import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.NodeImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Something that somebody wants changed. */
public sealed interface Command {
    /**
     * Creates a topic.
     *
     * @param id its id, random
     * @param assignments replicas of each partition; empty leaves them to the controller
     */
    record CreateTopic(
            UUID id,
            String name,
            int partitions,
            int replicationFactor,
            List<List<Integer>> assignments,
            Map<String, String> configs)
            implements Command {}

    record DeleteTopic(UUID id) implements Command {}

    /**
     * Adds partitions to a topic.
     *
     * @param total how many there are to be
     * @param assignments replicas of the new ones; empty leaves them to the controller
     */
    record CreatePartitions(String topic, int total, List<List<Integer>> assignments)
            implements Command {}

    /** Sets configuration values, or removes those that are empty. */
    record ChangeConfig(ConfigResource resource, Map<String, Optional<String>> changes)
            implements Command {}

    /** Takes producer ids that nobody else will get. */
    record AllocateProducerIds(int count) implements Command {}

    /**
     * Sets the level of a feature.
     *
     * @param level 0 turns it off
     */
    record SetFeatureLevel(String name, short level) implements Command {}

    /**
     * Registers a node at its start. What it is registered as is up to the controller but for what
     * it says of itself, and whether it begins fenced.
     *
     * @param tailLost whether it may lack records that it has acknowledged: it did not stop
     *     cleanly, and does not sync what it acknowledges
     */
    record RegisterNode(NodeImage node, boolean tailLost) implements Command {
        /** A node that has all that it has acknowledged. */
        public RegisterNode(NodeImage node) {
            this(node, false);
        }
    }

    /** A node goes on: it is heard of, silent, or about to stop. */
    record ChangeNode(int node, long nodeEpoch, boolean fenced, boolean shuttingDown)
            implements Command {}

    /** Forgets a node for good. */
    record UnregisterNode(int node) implements Command {}

    /**
     * A leader's wish about who is in sync.
     *
     * @param inSync the leader among them
     * @param inSyncEpochs of each of them the registration that was meant; -1 any, empty any
     */
    record AlterPartition(
            int node,
            long nodeEpoch,
            UUID topicId,
            int index,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> inSync,
            List<Long> inSyncEpochs)
            implements Command {}

    /**
     * A node's log of a partition has failed: until the node starts again it neither leads it nor
     * is in sync.
     *
     * @param node which tells of itself
     */
    record ReplicaFailed(int node, long nodeEpoch, UUID topicId, int index) implements Command {}

    /** Has the preferred replica lead, or, if unclean, any that is there where nobody leads. */
    record ElectLeader(String topic, int index, boolean unclean) implements Command {}

    /**
     * Moves a partition to other replicas.
     *
     * @param target the replicas in the end; empty takes a move back that is going on
     */
    record Reassign(String topic, int index, Optional<List<Integer>> target) implements Command {}

    /**
     * Has preferred replicas lead again.
     *
     * @param percentage 0 to 100: a node may lack so many of the partitions that prefer it
     */
    record BalanceLeaders(int percentage) implements Command {}
}
