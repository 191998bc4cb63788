package io.millrace.cluster.controller;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where new partitions go: to the nodes that lead least and hold least, in turn where that is
 * equal, each replica in a rack of its own while there are racks. Used once, for one command.
 */
final class Placement {
    private final List<Candidate> candidates = new ArrayList<>();
    private int turn;

    /** What a node has to do already. */
    private static final class Candidate {
        final NodeImage node;
        int leads;
        int holds;

        Candidate(NodeImage node) {
            this.node = node;
        }
    }

    /**
     * Fenced nodes get replicas only where the others do not suffice, and lead nothing.
     *
     * @param startAt index of the first partition, so that leaders continue in turn
     */
    private Placement(ClusterImage image, int replicationFactor, int startAt) {
        turn = startAt;
        var byId = new HashMap<Integer, Candidate>();
        image.nodes().values().forEach(node -> byId.put(node.id(), new Candidate(node)));
        image.nodes().values().stream()
                .filter(NodeImage::isActive)
                .forEach(node -> candidates.add(byId.get(node.id())));
        if (candidates.size() < replicationFactor) {
            image.nodes().values().stream()
                    .filter(node -> !node.isActive())
                    .forEach(node -> candidates.add(byId.get(node.id())));
        }
        count(image, byId);
    }

    private static void count(ClusterImage image, Map<Integer, Candidate> byId) {
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                for (int i = 0; i < partition.replicas().size(); i++) {
                    Candidate candidate = byId.get(partition.replicas().get(i));
                    if (candidate != null) {
                        candidate.holds++;
                        candidate.leads += i == 0 ? 1 : 0;
                    }
                }
            }
        }
    }

    /** Replicas of new partitions; at least one node is active. */
    static List<List<Integer>> place(
            ClusterImage image, int count, int replicationFactor, int startAt) {
        var placement = new Placement(image, replicationFactor, startAt);
        var placed = new ArrayList<List<Integer>>(count);
        for (int i = 0; i < count; i++) {
            placed.add(placement.next(replicationFactor));
        }
        return placed;
    }

    private List<Integer> next(int replicationFactor) {
        var chosen = new ArrayList<Integer>(replicationFactor);
        Set<String> racks = new HashSet<>();
        int start = turn++ % candidates.size();
        for (int i = 0; i < replicationFactor; i++) {
            Candidate best = best(start, chosen, racks);
            best.holds++;
            best.leads += i == 0 ? 1 : 0;
            chosen.add(best.node.id());
            racks.add(best.node.rack());
        }
        return chosen;
    }

    private Candidate best(int start, List<Integer> chosen, Set<String> racks) {
        boolean leader = chosen.isEmpty();
        Comparator<Candidate> order =
                leader
                        ? Comparator.comparing((Candidate it) -> !it.node.isActive())
                                .thenComparingInt(it -> it.leads)
                                .thenComparingInt(it -> it.holds)
                        : Comparator.comparing((Candidate it) -> racks.contains(it.node.rack()))
                                .thenComparing(it -> !it.node.isActive())
                                .thenComparingInt(it -> it.holds);
        Candidate best = null;
        for (int i = 0; i < candidates.size(); i++) {
            Candidate each = candidates.get((start + i) % candidates.size());
            boolean free = !chosen.contains(each.node.id());
            if (free && (best == null || order.compare(each, best) < 0)) {
                best = each;
            }
        }
        if (best == null) {
            throw new IllegalStateException("more replicas than nodes");
        }
        return best;
    }
}
