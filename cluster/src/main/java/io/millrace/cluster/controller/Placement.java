package io.millrace.cluster.controller;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeLoad;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where new partitions go: to the nodes that lead least and hold least, in turn where that is
 * equal, each replica in a rack of its own while there are racks. Used once, for what is decided at
 * one time.
 */
final class Placement {
    private static final int WILLING = 0;
    private static final int DRAINED = 1;
    private static final int FENCED = 2;

    private final Map<Integer, Candidate> byId = new TreeMap<>();
    private final List<Candidate> candidates = new ArrayList<>();
    private int turn;

    /** What a node has to do already. */
    private static final class Candidate {
        final NodeImage node;

        /** 0 if it is to have replicas; more the less it is. */
        final int reluctance;

        int leads;
        int holds;

        Candidate(NodeImage node, NodeLoad load, Set<String> drained) {
            this.node = node;
            leads = load.prefers();
            holds = load.holds();
            boolean leaves = drained.contains(Integer.toString(node.id()));
            reluctance = node.isActive() ? (leaves ? DRAINED : WILLING) : FENCED;
        }
    }

    /**
     * @param startAt index of the first partition, so that leaders continue in turn
     */
    private Placement(ClusterImage image, int startAt) {
        turn = startAt;
        Set<String> drained = DrainedNodes.of(image);
        for (NodeImage node : image.nodes().values()) {
            byId.put(node.id(), new Candidate(node, image.load(node.id()), drained));
        }
    }

    private void admit(int reluctance) {
        byId.values().stream().filter(it -> it.reluctance == reluctance).forEach(candidates::add);
    }

    /**
     * Replicas of new partitions; at least one node is active. Nodes that are being emptied, and
     * after them fenced ones, get some only where the others do not suffice. The fenced lead
     * nothing.
     */
    static List<List<Integer>> place(
            ClusterImage image, int count, int replicationFactor, int startAt) {
        var placement = new Placement(image, startAt);
        for (int reluctance = WILLING; reluctance <= FENCED; reluctance++) {
            if (placement.candidates.size() < replicationFactor) {
                placement.admit(reluctance);
            }
        }
        var placed = new ArrayList<List<Integer>>(count);
        for (int i = 0; i < count; i++) {
            placed.add(placement.next(replicationFactor));
        }
        return placed;
    }

    /** For partitions that get more replicas: on nodes that are active and stay. */
    static Placement growing(ClusterImage image) {
        var placement = new Placement(image, 0);
        placement.admit(WILLING);
        return placement;
    }

    /**
     * The replicas of a partition and more, as many as it lacks and there are nodes for; the same
     * if there is none. Who leads fewest is preferred.
     */
    List<Integer> grown(List<Integer> present, int replicationFactor) {
        var chosen = new ArrayList<>(present);
        Set<String> racks = new HashSet<>();
        candidates.stream()
                .filter(it -> present.contains(it.node.id()))
                .forEach(it -> racks.add(it.node.rack()));
        long free = candidates.stream().filter(it -> !present.contains(it.node.id())).count();
        long added = Math.min(free, replicationFactor - present.size());
        for (long i = 0; i < added; i++) {
            Candidate best = best(turn++ % candidates.size(), chosen, racks);
            best.holds++;
            chosen.add(best.node.id());
            racks.add(best.node.rack());
        }
        if (added > 0) {
            preferWhoLeadsFewest(chosen);
        }
        return chosen;
    }

    private void preferWhoLeadsFewest(List<Integer> replicas) {
        Candidate preferred = byId.get(replicas.getFirst());
        Candidate fewest =
                candidates.stream()
                        .filter(it -> replicas.contains(it.node.id()))
                        .min(Comparator.comparingInt(it -> it.leads))
                        .orElse(preferred);
        if (preferred == null || fewest == null || fewest.leads >= preferred.leads - 1) {
            return;
        }
        preferred.leads--;
        fewest.leads++;
        replicas.remove(Integer.valueOf(fewest.node.id()));
        replicas.addFirst(fewest.node.id());
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
        Comparator<Candidate> willing = Comparator.comparingInt(it -> it.reluctance);
        Comparator<Candidate> order =
                leader
                        ? willing.thenComparingInt(it -> it.leads).thenComparingInt(it -> it.holds)
                        : willing.thenComparing(it -> racks.contains(it.node.rack()))
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
