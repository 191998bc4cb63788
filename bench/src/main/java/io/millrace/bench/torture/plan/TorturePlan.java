package io.millrace.bench.torture.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Faults without end, for one seed: each kind once a turn, one node at a time. What destroys data
 * waits until every replica is in sync, and so does what comes next; of the rest some do, and some
 * strike a cluster that still misses something.
 */
public final class TorturePlan {
    private static final long LEAST_GAP_MS = 1_000;
    private static final long LARGEST_GAP_MS = 5_000;
    private static final double PATIENT_SHARE = 0.6;
    private static final double CRASHING_SHARE = 0.5;

    private final Set<NodeFault> faults;
    private final int nodes;
    private final Random random;
    private final List<NodeFault> turn = new ArrayList<>();
    private boolean destroyed;

    /**
     * @param faults at least one
     * @param nodes at least two, numbered from 1 on
     */
    public TorturePlan(Set<NodeFault> faults, int nodes, long seed) {
        if (faults.isEmpty() || nodes < 2) {
            throw new IllegalArgumentException(
                    "%d faults on %d nodes are no plan".formatted(faults.size(), nodes));
        }
        this.faults = new TreeSet<>(faults);
        this.nodes = nodes;
        random = new Random(seed);
    }

    /** The next fault. */
    public Strike next() {
        if (turn.isEmpty()) {
            turn.addAll(faults);
            Collections.shuffle(turn, random);
        }
        NodeFault fault = turn.removeLast();
        boolean waits = random.nextDouble() < PATIENT_SHARE || destroyed || fault.destroysData();
        destroyed = fault.destroysData();
        return new Strike(
                fault,
                fault.ways().get(random.nextInt(fault.ways().size())),
                1 + random.nextInt(nodes),
                random.nextLong(LEAST_GAP_MS, LARGEST_GAP_MS),
                random.nextLong(fault.shortestMs(), fault.longestMs()),
                waits,
                random.nextDouble() < CRASHING_SHARE,
                random.nextLong());
    }
}
