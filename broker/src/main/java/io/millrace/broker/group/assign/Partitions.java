package io.millrace.broker.group.assign;

import java.util.BitSet;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;

/** A set of partitions, by topic. Immutable. */
public final class Partitions {
    public static final Partitions NONE = new Partitions(Map.of());

    /** Sorted, so that equal sets are told of in the same order. */
    private final Map<UUID, BitSet> topics;

    private Partitions(Map<UUID, BitSet> topics) {
        this.topics = topics;
    }

    /** Takes one partition. */
    @FunctionalInterface
    public interface Each {
        void accept(UUID topic, int partition);
    }

    /** Tells of one partition. */
    @FunctionalInterface
    public interface Test {
        boolean test(UUID topic, int partition);
    }

    /** Gathers a set. Used by one method, once. */
    public static final class Builder {
        private final TreeMap<UUID, BitSet> topics = new TreeMap<>();

        public Builder add(UUID topic, int partition) {
            topics.computeIfAbsent(topic, key -> new BitSet()).set(partition);
            return this;
        }

        public Builder addAll(Partitions more) {
            more.topics.forEach(
                    (topic, bits) -> topics.computeIfAbsent(topic, key -> new BitSet()).or(bits));
            return this;
        }

        public Partitions build() {
            return topics.isEmpty() ? NONE : new Partitions(topics);
        }
    }

    public boolean isEmpty() {
        return topics.isEmpty();
    }

    public int size() {
        return topics.values().stream().mapToInt(BitSet::cardinality).sum();
    }

    public Set<UUID> topics() {
        return Collections.unmodifiableSet(topics.keySet());
    }

    /** Its partitions of one topic, in ascending order. */
    public IntStream of(UUID topic) {
        BitSet bits = topics.get(topic);
        return bits == null ? IntStream.empty() : bits.stream();
    }

    public boolean contains(UUID topic, int partition) {
        BitSet bits = topics.get(topic);
        return bits != null && bits.get(partition);
    }

    public void forEach(Each each) {
        topics.forEach((topic, bits) -> bits.stream().forEach(p -> each.accept(topic, p)));
    }

    /** Those that pass. */
    public Partitions where(Test test) {
        var kept = new Builder();
        forEach((topic, partition) -> {
            if (test.test(topic, partition)) {
                kept.add(topic, partition);
            }
        });
        return kept.build();
    }

    public Partitions minus(Partitions other) {
        return where((topic, partition) -> !other.contains(topic, partition));
    }

    public Partitions and(Partitions other) {
        return where(other::contains);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Partitions that && topics.equals(that.topics);
    }

    @Override
    public int hashCode() {
        return topics.hashCode();
    }

    @Override
    public String toString() {
        return Map.copyOf(topics).toString();
    }
}
