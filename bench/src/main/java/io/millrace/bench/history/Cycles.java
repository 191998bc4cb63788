package io.millrace.bench.history;

import io.millrace.bench.history.Anomaly.Kind;
import io.millrace.bench.history.Operation.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Circles among operations, by Tarjan's strongly connected components, without recursion (histories
 * are long). Of who wrote after whom (G0), and of who read from whom (G1c).
 */
final class Cycles {
    private final List<Operation> history;
    private final Map<Place, VersionOrder> orders;
    private final Index index;

    Cycles(List<Operation> history, Map<Place, VersionOrder> orders, Index index) {
        this.history = history;
        this.orders = orders;
        this.index = index;
    }

    List<Anomaly> anomalies() {
        var found = new ArrayList<Anomaly>();
        for (List<Integer> circle : components(writes())) {
            found.add(
                    new Anomaly(
                            Kind.WRITE_CYCLE, "wrote after each other: " + names(circle), circle));
        }
        for (List<Integer> circle : components(reads())) {
            found.add(
                    new Anomaly(Kind.READ_CYCLE, "read from each other: " + names(circle), circle));
        }
        return found;
    }

    private String names(List<Integer> circle) {
        return String.join(
                ", ", circle.stream().map(i -> history.get(i).process() + " (" + i + ")").toList());
    }

    /** From each operation to those whose record follows one of its own. */
    private List<Set<Integer>> writes() {
        List<Set<Integer>> edges = noEdges();
        for (VersionOrder order : orders.values()) {
            int before = -1;
            for (long value : order.values()) {
                int sender = index.sender(value);
                if (sender >= 0 && before >= 0 && sender != before) {
                    edges.get(before).add(sender);
                }
                before = sender;
            }
        }
        return edges;
    }

    /** From each operation to those that read one of its records. */
    private List<Set<Integer>> reads() {
        List<Set<Integer>> edges = noEdges();
        for (VersionOrder order : orders.values()) {
            for (long value : order.values()) {
                int sender = index.sender(value);
                for (int reader : index.readers(value)) {
                    boolean counts =
                            sender >= 0
                                    && sender != reader
                                    && history.get(reader).outcome() == Outcome.OK;
                    if (counts) {
                        edges.get(sender).add(reader);
                    }
                }
            }
        }
        return edges;
    }

    private List<Set<Integer>> noEdges() {
        var edges = new ArrayList<Set<Integer>>(history.size());
        for (int i = 0; i < history.size(); i++) {
            edges.add(new HashSet<>(2));
        }
        return edges;
    }

    private static List<List<Integer>> components(List<Set<Integer>> edges) {
        var search = new Search(edges);
        for (int i = 0; i < edges.size(); i++) {
            search.from(i);
        }
        return search.circles;
    }

    /** One depth-first search; its stack holds iterators where recursion would hold frames. */
    private static final class Search {
        private static final int UNSEEN = -1;

        private final List<List<Integer>> edges;
        private final int[] numbers;
        private final int[] lowest;
        private final int[] nextEdge;
        private final boolean[] open;
        private final Deque<Integer> members = new ArrayDeque<>();
        private final Deque<Integer> path = new ArrayDeque<>();
        private final List<List<Integer>> circles = new ArrayList<>();
        private int counter;

        Search(List<Set<Integer>> edges) {
            this.edges = edges.stream().map(List::copyOf).toList();
            numbers = new int[edges.size()];
            lowest = new int[edges.size()];
            nextEdge = new int[edges.size()];
            open = new boolean[edges.size()];
            Arrays.fill(numbers, UNSEEN);
        }

        void from(int start) {
            if (numbers[start] != UNSEEN) {
                return;
            }
            enter(start);
            while (!path.isEmpty()) {
                int node = path.element();
                if (nextEdge[node] < edges.get(node).size()) {
                    follow(node, edges.get(node).get(nextEdge[node]++));
                } else {
                    leave(node);
                }
            }
        }

        private void enter(int node) {
            numbers[node] = counter;
            lowest[node] = counter++;
            open[node] = true;
            members.push(node);
            path.push(node);
        }

        private void follow(int node, int next) {
            if (numbers[next] == UNSEEN) {
                enter(next);
            } else if (open[next]) {
                lowest[node] = Math.min(lowest[node], numbers[next]);
            }
        }

        private void leave(int node) {
            path.pop();
            if (!path.isEmpty()) {
                int parent = path.element();
                lowest[parent] = Math.min(lowest[parent], lowest[node]);
            }
            if (lowest[node] == numbers[node]) {
                close(node);
            }
        }

        private void close(int root) {
            var component = new ArrayList<Integer>();
            int member;
            do {
                member = members.pop();
                open[member] = false;
                component.add(member);
            } while (member != root);
            if (component.size() > 1) {
                circles.add(component.stream().sorted().toList());
            }
        }
    }
}
