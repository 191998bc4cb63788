package io.millrace.cluster.metadata;

import com.google.protobuf.ByteString;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.proto.ConfigChanged;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.NodeChanged;
import io.millrace.cluster.proto.NodeRegistered;
import io.millrace.cluster.proto.Partition;
import io.millrace.cluster.proto.PartitionChanged;
import io.millrace.cluster.proto.PartitionState;
import io.millrace.cluster.proto.PartitionsAdded;
import io.millrace.cluster.proto.TopicCreated;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** Applies committed records to an image, and makes the next one. Used by one thread, once. */
public final class ImageBuilder {
    private final ClusterImage before;
    private final Map<Integer, NodeImage> nodes;
    private final Map<String, TopicImage> byName;
    private final Map<UUID, TopicImage> byId;
    private final Map<ConfigResource, SortedMap<String, String>> configs;
    private final Set<UUID> touchedTopics = new HashSet<>();
    private final Set<ConfigResource> touchedConfigs = new HashSet<>();
    private final Map<String, Short> features;

    /** Topics of which partitions are being changed, one after the other. */
    private final Map<UUID, List<PartitionImage>> editable = new HashMap<>();

    private long nextProducerId;

    public ImageBuilder(ClusterImage before) {
        this.before = before;
        nodes = new TreeMap<>(before.nodes());
        byName = new HashMap<>(before.topicsByName());
        byId = new HashMap<>(before.topicsById());
        configs = new HashMap<>(before.configs());
        features = new HashMap<>(before.features());
        nextProducerId = before.nextProducerId();
    }

    /** Applies one record. */
    public ImageBuilder apply(MetadataRecord record) {
        if (record.getChangeCase() != MetadataRecord.ChangeCase.PARTITION_CHANGED) {
            settle();
        }
        switch (record.getChangeCase()) {
            case TOPIC_CREATED -> create(record.getTopicCreated());
            case TOPIC_DELETED -> delete(uuid(record.getTopicDeleted().getTopicId()));
            case PARTITIONS_ADDED -> addPartitions(record.getPartitionsAdded());
            case CONFIG_CHANGED -> changeConfig(record.getConfigChanged());
            case PRODUCER_IDS_ALLOCATED ->
                    nextProducerId = record.getProducerIdsAllocated().getNextProducerId();
            case FEATURE_LEVEL_CHANGED ->
                    features.put(
                            record.getFeatureLevelChanged().getName(),
                            (short) record.getFeatureLevelChanged().getLevel());
            case NODE_REGISTERED -> register(record.getNodeRegistered());
            case NODE_CHANGED -> changeNode(record.getNodeChanged());
            case NODE_UNREGISTERED -> nodes.remove(record.getNodeUnregistered().getNodeId());
            case PARTITION_CHANGED -> changePartition(record.getPartitionChanged());
            case CHANGE_NOT_SET ->
                    throw new IllegalArgumentException("a metadata record from a newer version");
        }
        return this;
    }

    /** What has changed since the image that this started from. */
    public ImageDelta delta(ClusterImage after) {
        return new ImageDelta(before, after, Set.copyOf(touchedTopics), Set.copyOf(touchedConfigs));
    }

    /**
     * The image with all that was applied. Shares this builder's maps: valid for as long as nothing
     * more is applied.
     */
    public ClusterImage build(long endOffset) {
        settle();
        return new ClusterImage(
                before.clusterId(),
                endOffset,
                Collections.unmodifiableMap(nodes),
                Collections.unmodifiableMap(byName),
                Collections.unmodifiableMap(byId),
                Collections.unmodifiableMap(configs),
                nextProducerId,
                Collections.unmodifiableMap(features));
    }

    private void put(TopicImage topic) {
        touchedTopics.add(topic.id());
        byName.put(topic.name(), topic);
        byId.put(topic.id(), topic);
    }

    private void create(TopicCreated created) {
        var partitions = new ArrayList<PartitionImage>(created.getPartitionsCount());
        append(partitions, created.getPartitionsList());
        put(new TopicImage(uuid(created.getTopicId()), created.getName(), List.copyOf(partitions)));
    }

    private void addPartitions(PartitionsAdded added) {
        TopicImage topic = byId.get(uuid(added.getTopicId()));
        if (topic == null) {
            throw new IllegalStateException("partitions were added to a topic that is not there");
        }
        var partitions = new ArrayList<>(topic.partitions());
        append(partitions, added.getPartitionsList());
        put(new TopicImage(topic.id(), topic.name(), List.copyOf(partitions)));
    }

    private static void append(List<PartitionImage> partitions, List<Partition> added) {
        added.forEach(partition -> partitions.add(image(partitions.size(), partition)));
    }

    private static PartitionImage image(int index, Partition partition) {
        if (!partition.hasState()) {
            return PartitionImage.created(index, partition.getReplicasList());
        }
        PartitionState state = partition.getState();
        return new PartitionImage(
                index,
                state.getLeader(),
                state.getLeaderEpoch(),
                state.getPartitionEpoch(),
                NodeIds.of(partition.getReplicasList()),
                NodeIds.of(state.getInSyncList()),
                NodeIds.of(state.getEligibleList()),
                NodeIds.of(state.getAddingList()),
                NodeIds.of(state.getRemovingList()));
    }

    private void changePartition(PartitionChanged changed) {
        UUID id = uuid(changed.getTopicId());
        List<PartitionImage> partitions = editable.get(id);
        if (partitions == null) {
            TopicImage topic = byId.get(id);
            if (topic == null || changed.getIndex() >= topic.partitions().size()) {
                throw new IllegalStateException("a partition was changed that is not there");
            }
            partitions = new ArrayList<>(topic.partitions());
            editable.put(id, partitions);
        }
        partitions.set(changed.getIndex(), image(changed.getIndex(), changed.getPartition()));
    }

    /** Puts the partitions that were changed in place: once a topic, however many they are. */
    private void settle() {
        editable.forEach((id, partitions) -> {
            TopicImage topic = Objects.requireNonNull(byId.get(id));
            put(new TopicImage(id, topic.name(), List.copyOf(partitions)));
        });
        editable.clear();
    }

    private void delete(UUID id) {
        TopicImage topic = byId.remove(id);
        touchedTopics.add(id);
        if (topic != null) {
            byName.remove(topic.name());
            configs.remove(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
        }
    }

    private void changeConfig(ConfigChanged changed) {
        var resource =
                new ConfigResource(
                        ConfigResource.Type.ofId(changed.getResourceType()),
                        changed.getResourceName());
        touchedConfigs.add(resource);
        var values = new TreeMap<>(configs.getOrDefault(resource, new TreeMap<>()));
        if (changed.hasValue()) {
            values.put(changed.getKey(), changed.getValue());
        } else {
            values.remove(changed.getKey());
        }
        if (values.isEmpty()) {
            configs.remove(resource);
        } else {
            configs.put(resource, Collections.unmodifiableSortedMap(values));
        }
    }

    private void register(NodeRegistered node) {
        var registration =
                new Registration(
                        node.getEpoch(),
                        uuidOrZero(node.getIncarnation()),
                        uuidOrZero(node.getDirectory()),
                        node.getFenced(),
                        false);
        nodes.put(
                node.getNodeId(),
                new NodeImage(
                        node.getNodeId(),
                        node.getHost(),
                        node.getPort(),
                        node.getRack(),
                        registration));
    }

    private void changeNode(NodeChanged changed) {
        NodeImage node = nodes.get(changed.getNodeId());
        if (node == null) {
            throw new IllegalStateException("a node was changed that is not registered");
        }
        nodes.put(node.id(), node.with(changed.getFenced(), changed.getShuttingDown()));
    }

    private static UUID uuidOrZero(ByteString bytes) {
        return bytes.isEmpty() ? new UUID(0, 0) : uuid(bytes);
    }

    static UUID uuid(ByteString bytes) {
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }
}
