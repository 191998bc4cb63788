package io.millrace.cluster.metadata;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * The cluster's metadata at one moment. Immutable. Made by {@link ImageBuilder} from committed
 * records only. Its maps share with those of the image before what did not change, so that the next
 * image costs what has changed, however much there is.
 *
 * @param endOffset offset after the last record that is in it
 * @param nextProducerId every producer id below it is taken
 * @param features levels that were set; the others have what the brokers begin with
 * @param loads counted from the topics; a node without partitions has none
 */
public record ClusterImage(
        String clusterId,
        long endOffset,
        PSortedMap<Integer, NodeImage> nodes,
        PMap<String, TopicImage> topicsByName,
        PMap<UUID, TopicImage> topicsById,
        PMap<ConfigResource, SortedMap<String, String>> configs,
        long nextProducerId,
        PMap<String, Short> features,
        PMap<Integer, NodeLoad> loads) {
    /** A cluster without anything in it. */
    public static ClusterImage empty(String clusterId) {
        return new ClusterImage(
                clusterId,
                0,
                TreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                0,
                HashTreePMap.empty(),
                HashTreePMap.empty());
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

    /** How many partitions a node has to do with. */
    public NodeLoad load(int node) {
        return loads.getOrDefault(node, NodeLoad.NONE);
    }

    /** How many partitions there are. Costs as much as there are nodes. */
    public int partitionCount() {
        return loads.values().stream().mapToInt(NodeLoad::prefers).sum();
    }

    /** How many partitions nobody leads. Costs as much as there are nodes. */
    public int leaderlessCount() {
        return partitionCount() - loads.values().stream().mapToInt(NodeLoad::leads).sum();
    }

    /** The values set for a resource; defaults are not in it. */
    public SortedMap<String, String> config(ConfigResource resource) {
        return configs.getOrDefault(resource, Collections.emptySortedMap());
    }
}
