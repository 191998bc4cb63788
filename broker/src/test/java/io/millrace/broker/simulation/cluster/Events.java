package io.millrace.broker.simulation.cluster;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/** The clock and the network: everything that happens is an event of one queue. */
final class Events {
    /** Where clients are. */
    static final int OUTSIDE = 0;

    private static final long BEGIN_MS = 1_700_000_000_000L;

    private static final Habits USUAL = new Habits(30, 30, 2_000);
    private static final Habits SLOW = new Habits(8, 8, 6_000);

    final Random random;
    private final Habits habits;
    private final PriorityQueue<Event> waiting = new PriorityQueue<>();
    private final Set<Integer> parted = new HashSet<>();
    private long nowMs = BEGIN_MS;
    private long order;

    /** Whether nothing is lost, late or repeated any more. */
    private boolean calm;

    /**
     * What the network of a history is like.
     *
     * @param twice one message in so many comes twice
     * @param late one in so many is late
     * @param latestMs by so much at most
     */
    private record Habits(int twice, int late, int latestMs) {}

    private record Event(long atMs, long order, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return atMs == other.atMs
                    ? Long.compare(order, other.order)
                    : Long.compare(atMs, other.atMs);
        }
    }

    Events(long seed) {
        random = new Random(seed);
        habits = random.nextInt(3) == 0 ? SLOW : USUAL;
    }

    long nowMs() {
        return nowMs;
    }

    /** Since the history began. */
    long elapsedMs() {
        return nowMs - BEGIN_MS;
    }

    boolean isCalm() {
        return calm;
    }

    void calm() {
        calm = true;
        parted.clear();
    }

    void later(long delayMs, Runnable task) {
        waiting.add(new Event(nowMs + delayMs, order++, task));
    }

    /** Has the next thing happen. */
    void step() {
        Event next = Objects.requireNonNull(waiting.poll());
        nowMs = next.atMs();
        next.task().run();
    }

    /** A message; may be lost, late, or come twice. */
    void send(int from, int to, Runnable delivery) {
        boolean lost = !calm && (parted.contains(pair(from, to)) || random.nextInt(25) == 0);
        if (lost) {
            return;
        }
        int copies = !calm && random.nextInt(habits.twice) == 0 ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            boolean late = !calm && random.nextInt(habits.late) == 0;
            later(1 + random.nextInt(late ? habits.latestMs : 20), delivery);
        }
    }

    /** Whether one can reach another now. */
    boolean reaches(int from, int to) {
        return !parted.contains(pair(from, to));
    }

    private static int pair(int from, int to) {
        return from * 100 + to;
    }

    /** Nothing comes from one to another any more. */
    void part(int from, int to) {
        parted.add(pair(from, to));
    }

    /** Nothing comes from or to a node any more; what is outside may still reach it. */
    void isolate(int node, int nodes) {
        for (int other = 1; other <= nodes; other++) {
            part(node, other);
            part(other, node);
        }
    }

    void mend() {
        parted.clear();
    }

    /** One of so many, at random. */
    <T> T any(List<T> of) {
        return new ArrayList<>(of).get(random.nextInt(of.size()));
    }
}
