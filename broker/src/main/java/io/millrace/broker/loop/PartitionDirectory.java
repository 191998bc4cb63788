package io.millrace.broker.loop;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The partitions that this broker hosts, by topic. Read from any thread; changed by one. */
public final class PartitionDirectory {
    private final Map<String, HostedTopic> byName = new ConcurrentHashMap<>();
    private final Map<UUID, HostedTopic> byId = new ConcurrentHashMap<>();

    /** A topic and its partitions in the order of their indexes. */
    public record HostedTopic(UUID id, String name, List<Partition> partitions) {
        /** The partition of that index; null if there is none. */
        public @Nullable Partition partition(int index) {
            return index >= 0 && index < partitions.size() ? partitions.get(index) : null;
        }
    }

    /** The topic of that name; null if it is not hosted. */
    public @Nullable HostedTopic topic(String name) {
        return byName.get(name);
    }

    /** The topic of that id; null if it is not hosted. */
    public @Nullable HostedTopic topic(UUID id) {
        return byId.get(id);
    }

    /** The partition; null if it is not hosted. */
    public @Nullable Partition partition(String topic, int index) {
        HostedTopic hosted = topic(topic);
        return hosted == null ? null : hosted.partition(index);
    }

    /** Every topic hosted, in no order. */
    public Collection<HostedTopic> all() {
        return byName.values();
    }

    /** Adds a topic, or replaces it by one with more partitions. */
    public void put(HostedTopic topic) {
        byId.put(topic.id(), topic);
        byName.put(topic.name(), topic);
    }

    /** Forgets a topic; null if it was not hosted. */
    public @Nullable HostedTopic remove(UUID id) {
        HostedTopic removed = byId.remove(id);
        if (removed != null) {
            byName.remove(removed.name(), removed);
        }
        return removed;
    }
}
