package io.millrace.bench.lab.fault;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Which fault comes when, for one seed. */
public final class FaultPlan {
    private static final long FIRST_MS = 3_000;
    private static final long LEAST_GAP_MS = 2_500;
    private static final long SHORTEST_MS = 300;
    private static final long LONGEST_MS = 2_000;

    /**
     * A fault and its time.
     *
     * @param atMs since the run began
     * @param forMs how long it lasts, for those that last
     */
    public record Event(Fault fault, long atMs, long forMs) {}

    private FaultPlan() {}

    /** Faults in turns, each kind once a turn, in an order and at times that chance decides. */
    public static List<Event> of(Set<Fault> faults, RandomGenerator random, long lengthMs) {
        var events = new ArrayList<Event>();
        var turn = new ArrayList<Fault>();
        long atMs = FIRST_MS;
        while (!faults.isEmpty()) {
            if (turn.isEmpty()) {
                turn.addAll(new TreeSet<>(faults));
                shuffle(turn, random);
            }
            long forMs = random.nextLong(SHORTEST_MS, LONGEST_MS);
            if (atMs + forMs > lengthMs) {
                return events;
            }
            events.add(new Event(turn.removeLast(), atMs, forMs));
            atMs += forMs + LEAST_GAP_MS + random.nextLong(LEAST_GAP_MS);
        }
        return events;
    }

    private static void shuffle(List<Fault> faults, RandomGenerator random) {
        for (int i = faults.size() - 1; i > 0; i--) {
            Collections.swap(faults, i, random.nextInt(i + 1));
        }
    }
}
