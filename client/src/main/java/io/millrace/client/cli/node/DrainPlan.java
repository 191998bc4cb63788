package io.millrace.client.cli.node;

import io.millrace.client.cli.text.CliException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Where the replicas of a node go: each to the node that has the fewest and no replica of the
 * partition yet, in a rack of its own where there is one. Leaders are spread likewise. Pure.
 */
final class DrainPlan {
    private final int drained;
    private final Map<Integer, String> racks;
    private final Map<Integer, Integer> replicas = new HashMap<>();
    private final Map<Integer, Integer> leaders = new HashMap<>();

    /**
     * @param drained the node that is to have none
     * @param racks of every node that takes part, by its id; empty where it has none
     * @param present replicas of all partitions, the preferred leader first
     */
    DrainPlan(int drained, Map<Integer, String> racks, Collection<List<Integer>> present) {
        this.drained = drained;
        this.racks = new HashMap<>(racks);
        this.racks.remove(drained);
        for (List<Integer> each : present) {
            each.forEach(node -> replicas.merge(node, 1, Integer::sum));
            if (!each.isEmpty()) {
                leaders.merge(each.get(0), 1, Integer::sum);
            }
        }
    }

    /**
     * New replicas of those partitions that have one on the node, in their order.
     *
     * @param shrinks whether a partition for which no other node is left does with fewer replicas
     * @throws CliException if no other node is left for one, and it may not shrink
     */
    Map<TopicPartition, List<Integer>> moves(
            Map<TopicPartition, List<Integer>> partitions, boolean shrinks) {
        var moves = new LinkedHashMap<TopicPartition, List<Integer>>();
        partitions.forEach((where, present) -> {
            int at = present.indexOf(drained);
            if (at >= 0) {
                moves.put(where, moved(where, present, at, shrinks));
            }
        });
        return moves;
    }

    private List<Integer> moved(
            TopicPartition where, List<Integer> present, int at, boolean shrinks) {
        var left = new ArrayList<>(present.subList(0, at));
        left.addAll(present.subList(at + 1, present.size()));
        var taken = new HashSet<String>();
        left.forEach(node -> taken.add(racks.getOrDefault(node, "")));
        var candidate =
                racks.keySet().stream()
                        .filter(node -> !left.contains(node))
                        .min(preference(taken, at == 0));
        if (candidate.isPresent()) {
            int node = candidate.get();
            left.add(at, node);
            replicas.merge(node, 1, Integer::sum);
        } else if (!shrinks || left.isEmpty()) {
            throw new CliException(
                    "%s has %d replicas, and without node %d there are %d nodes for them: add a node, or have it do with fewer by --shrink"
                            .formatted(where, present.size(), drained, racks.size()));
        }
        if (at == 0) {
            leaders.merge(left.get(0), 1, Integer::sum);
        }
        return left;
    }

    private Comparator<Integer> preference(Set<String> taken, boolean leads) {
        return Comparator.<Integer>comparingInt(node -> sharesRack(node, taken) ? 1 : 0)
                .thenComparingInt(node -> leads ? leaders.getOrDefault(node, 0) : 0)
                .thenComparingInt(node -> replicas.getOrDefault(node, 0))
                .thenComparingInt(node -> node);
    }

    private boolean sharesRack(int node, Set<String> taken) {
        String rack = racks.getOrDefault(node, "");
        return !rack.isEmpty() && taken.contains(rack);
    }
}
