package io.millrace.cluster.metadata;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's metadata at one moment. Immutable. Made by {@link ImageBuilder} from committed
 * records only.
 *
 * @param endOffset offset after the last record that is in it
 * @param nextProducerId every producer id below it is taken
 * @param features levels that were set; the others have what the brokers begin with
 */
public record ClusterImage(
        String clusterId,
        long endOffset,
        Map<Integer, NodeImage> nodes,
        Map<String, TopicImage> topicsByName,
        Map<UUID, TopicImage> topicsById,
        Map<ConfigResource, SortedMap<String, String>> configs,
        long nextProducerId,
        Map<String, Short> features) {
    /** A cluster without anything in it. */
    public static ClusterImage empty(String clusterId) {
        return new ClusterImage(clusterId, 0, Map.of(), Map.of(), Map.of(), Map.of(), 0, Map.of());
    }

    /** The topic of that name; null if there is none. */
    public @Nullable TopicImage topic(String name) {
        return topicsByName.get(name);
    }

    /** The topic of that id; null if there is none. */
    public @Nullable TopicImage topic(UUID id) {
        return topicsById.get(id);
    }

    /** The partition of that topic and index; null if there is none. */
    public @Nullable PartitionImage partition(UUID topicId, int index) {
        TopicImage topic = topic(topicId);
        return topic == null || index < 0 || index >= topic.partitions().size()
                ? null
                : topic.partitions().get(index);
    }

    /** Whether a node may lead partitions and be in sync. */
    public boolean isActive(int node) {
        NodeImage known = nodes.get(node);
        return known != null && known.isActive();
    }

    /** Whether a node is heard of. */
    public boolean isLive(int node) {
        NodeImage known = nodes.get(node);
        return known != null && !known.registration().fenced();
    }

    /** The nodes that clients may talk to. */
    public List<NodeImage> liveNodes() {
        return nodes.values().stream().filter(node -> !node.registration().fenced()).toList();
    }

    /** Every topic, in no order. */
    public Collection<TopicImage> topics() {
        return topicsByName.values();
    }

    /** The values set for a resource; defaults are not in it. */
    public SortedMap<String, String> config(ConfigResource resource) {
        return configs.getOrDefault(resource, Collections.emptySortedMap());
    }
}
