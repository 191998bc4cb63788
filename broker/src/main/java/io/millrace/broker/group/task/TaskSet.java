package io.millrace.broker.group.task;

import java.util.BitSet;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A set of tasks: partitions, by the id of their subtopology. Immutable. */
public final class TaskSet {
    public static final TaskSet NONE = new TaskSet(Map.of());

    /** Sorted, so that equal sets are told of in the same order. */
    private final Map<String, BitSet> tasks;

    private TaskSet(Map<String, BitSet> tasks) {
        this.tasks = tasks;
    }

    /** Takes one task. */
    @FunctionalInterface
    public interface Each {
        void accept(String subtopology, int partition);
    }

    /** Tells of one task. */
    @FunctionalInterface
    public interface Test {
        boolean test(String subtopology, int partition);
    }

    /** Gathers a set. Used by one method, once. */
    public static final class Builder {
        private final Map<String, BitSet> tasks = new TreeMap<>();

        public Builder add(String subtopology, int partition) {
            tasks.computeIfAbsent(subtopology, key -> new BitSet()).set(partition);
            return this;
        }

        public Builder addAll(TaskSet more) {
            more.forEach(this::add);
            return this;
        }

        public TaskSet build() {
            return tasks.isEmpty() ? NONE : new TaskSet(tasks);
        }
    }

    public boolean isEmpty() {
        return tasks.isEmpty();
    }

    public int size() {
        return tasks.values().stream().mapToInt(BitSet::cardinality).sum();
    }

    public Set<String> subtopologies() {
        return Collections.unmodifiableSet(tasks.keySet());
    }

    /** Its partitions of one subtopology, in ascending order. */
    public IntStream of(String subtopology) {
        BitSet bits = tasks.get(subtopology);
        return bits == null ? IntStream.empty() : bits.stream();
    }

    public boolean contains(String subtopology, int partition) {
        BitSet bits = tasks.get(subtopology);
        return bits != null && bits.get(partition);
    }

    public void forEach(Each each) {
        tasks.forEach((id, bits) -> bits.stream().forEach(partition -> each.accept(id, partition)));
    }

    /** Those that pass. */
    public TaskSet where(Test test) {
        var kept = new Builder();
        forEach((id, partition) -> {
            if (test.test(id, partition)) {
                kept.add(id, partition);
            }
        });
        return kept.build();
    }

    public TaskSet and(TaskSet other) {
        return where(other::contains);
    }

    public TaskSet minus(TaskSet other) {
        return where((id, partition) -> !other.contains(id, partition));
    }

    public TaskSet plus(TaskSet other) {
        return other.isEmpty() ? this : new Builder().addAll(this).addAll(other).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TaskSet that && tasks.equals(that.tasks);
    }

    @Override
    public int hashCode() {
        return tasks.hashCode();
    }

    @Override
    public String toString() {
        return tasks.toString();
    }
}
