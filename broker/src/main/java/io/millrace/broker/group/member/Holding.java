package io.millrace.broker.group.member;

import io.millrace.broker.group.assign.Partitions;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Partitions that a member has, and since which epoch it has each. Immutable. */
public final class Holding {
    public static final Holding NONE = new Holding(Map.of());

    /** Sorted, so that equal holdings are told of in the same order. */
    private final Map<UUID, Map<Integer, Integer>> topics;

    private Holding(Map<UUID, Map<Integer, Integer>> topics) {
        this.topics = topics;
    }

    /** Takes one partition. */
    @FunctionalInterface
    public interface Each {
        void accept(UUID topic, int partition, int epoch);
    }

    /** Gathers a holding. Used by one method, once. */
    public static final class Builder {
        private final Map<UUID, Map<Integer, Integer>> topics = new TreeMap<>();

        public Builder add(UUID topic, int partition, int epoch) {
            topics.computeIfAbsent(topic, key -> new TreeMap<>()).put(partition, epoch);
            return this;
        }

        public Holding build() {
            return topics.isEmpty() ? NONE : new Holding(topics);
        }
    }

    public boolean isEmpty() {
        return topics.isEmpty();
    }

    public boolean contains(UUID topic, int partition) {
        return sinceEpoch(topic, partition) != null;
    }

    /** Since when it has a partition; null if it does not have it. */
    public @Nullable Integer sinceEpoch(UUID topic, int partition) {
        Map<Integer, Integer> held = topics.get(topic);
        return held == null ? null : held.get(partition);
    }

    /** Topic by topic: partitions and since when each is held. */
    public Map<UUID, Map<Integer, Integer>> byTopic() {
        return Collections.unmodifiableMap(topics);
    }

    public void forEach(Each each) {
        topics.forEach((topic, held) ->
                held.forEach((partition, epoch) -> each.accept(topic, partition, epoch)));
    }

    public Partitions partitions() {
        var all = new Partitions.Builder();
        forEach((topic, partition, epoch) -> all.add(topic, partition));
        return all.build();
    }

    /** Those that pass, held since when they were. */
    public Holding where(Partitions.Test test) {
        var kept = new Builder();
        forEach((topic, partition, epoch) -> {
            if (test.test(topic, partition)) {
                kept.add(topic, partition, epoch);
            }
        });
        return kept.build();
    }

    /** With more, held since now. */
    public Holding plus(Partitions more, int epoch) {
        if (more.isEmpty()) {
            return this;
        }
        var all = new Builder();
        forEach(all::add);
        more.forEach((topic, partition) -> all.add(topic, partition, epoch));
        return all.build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Holding that && topics.equals(that.topics);
    }

    @Override
    public int hashCode() {
        return topics.hashCode();
    }

    @Override
    public String toString() {
        return topics.toString();
    }
}
