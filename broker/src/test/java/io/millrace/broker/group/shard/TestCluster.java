package io.millrace.broker.group.shard;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.MigrationPolicy;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A cluster for tests. Immutable. */
record TestCluster(long version, Map<String, Topic> topics, Map<String, Integer> settings)
        implements ClusterView {
    static final int SESSION_MS = 1000;
    static final int REBALANCE_MS = 3000;

    static final TestCluster EMPTY =
            new TestCluster(
                    0,
                    Map.of(),
                    Map.of(
                            "consumer.session.timeout.ms",
                            SESSION_MS,
                            "consumer.heartbeat.interval.ms",
                            100,
                            "group.consumer.max.size",
                            20));

    /** The same cluster where a topic has so many partitions; 0 removes it. */
    TestCluster with(String name, int partitions) {
        var changed = new TreeMap<>(topics);
        if (partitions == 0) {
            changed.remove(name);
        } else {
            changed.put(name, new Topic(id(name), name, partitions, 0));
        }
        return new TestCluster(version + 1, changed, settings);
    }

    TestCluster set(String key, int value) {
        var changed = new HashMap<>(settings);
        changed.put(key, value);
        return new TestCluster(version + 1, topics, changed);
    }

    static UUID id(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public @Nullable Topic topic(String name) {
        return topics.get(name);
    }

    @Override
    public @Nullable Topic topic(UUID id) {
        return topics.values().stream()
                .filter(topic -> topic.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    @Override
    public Collection<String> topicNames() {
        return topics.keySet();
    }

    @Override
    public MigrationPolicy migration() {
        return MigrationPolicy.BIDIRECTIONAL;
    }

    @Override
    public int setting(String group, String key) {
        return settings.getOrDefault(key, 0);
    }
}
