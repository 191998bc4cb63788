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

    record RegisterNode(NodeImage node) implements Command {}
}
