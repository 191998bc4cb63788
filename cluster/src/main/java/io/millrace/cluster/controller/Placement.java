package io.millrace.cluster.controller;

import io.millrace.cluster.metadata.ClusterImage;
import java.util.ArrayList;
import java.util.List;

/** Where new partitions go: leaders in turn, followers on the nodes after them. Stateless. */
final class Placement {
    private Placement() {}

    /**
     * Replicas of new partitions.
     *
     * @param startAt index of the first of them, so that leaders continue in turn
     */
    static List<List<Integer>> place(
            ClusterImage image, int count, int replicationFactor, int startAt) {
        List<Integer> nodes = List.copyOf(image.nodes().keySet());
        var placed = new ArrayList<List<Integer>>(count);
        for (int i = 0; i < count; i++) {
            var replicas = new ArrayList<Integer>(replicationFactor);
            for (int r = 0; r < replicationFactor; r++) {
                replicas.add(nodes.get((startAt + i + r) % nodes.size()));
            }
            placed.add(replicas);
        }
        return placed;
    }
}
