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
import org.pcollections.PMap;
import org.pcollections.PSortedMap;

/** Applies committed records to an image, and makes the next one. Used by one thread, once. */
public final class ImageBuilder {
    private final ClusterImage before;
    private final Set<UUID> touchedTopics = new HashSet<>();
    private final Set<ConfigResource> touchedConfigs = new HashSet<>();
    private final LoadTally tally = new LoadTally();

    /** Topics of which partitions are being changed, one after the other. */
    private final Map<UUID, PartitionList.Editor> editable = new HashMap<>();

    private PSortedMap<Integer, NodeImage> nodes;
    private PMap<String, TopicImage> byName;
    private PMap<UUID, TopicImage> byId;
    private PMap<ConfigResource, SortedMap<String, String>> configs;
    private PMap<String, Short> features;
    private PMap<Integer, NodeLoad> loads;
    private long nextProducerId;

    public ImageBuilder(ClusterImage before) {
        this.before = before;
        nodes = before.nodes();
        byName = before.topicsByName();
        byId = before.topicsById();
        configs = before.configs();
        features = before.features();
        loads = before.loads();
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
                    features =
                            features.plus(
                                    record.getFeatureLevelChanged().getName(),
                                    (short) record.getFeatureLevelChanged().getLevel());
            case NODE_REGISTERED -> register(record.getNodeRegistered());
            case NODE_CHANGED -> changeNode(record.getNodeChanged());
            case NODE_UNREGISTERED -> nodes = nodes.minus(record.getNodeUnregistered().getNodeId());
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

    /** The image with all that was applied until now. */
    public ClusterImage build(long endOffset) {
        settle();
        loads = tally.settle(loads);
        return new ClusterImage(
                before.clusterId(),
                endOffset,
                nodes,
                byName,
                byId,
                configs,
                nextProducerId,
                features,
                loads);
    }

    private void put(TopicImage topic) {
        touchedTopics.add(topic.id());
        byName = byName.plus(topic.name(), topic);
        byId = byId.plus(topic.id(), topic);
    }

    private void create(TopicCreated created) {
        var none = new TopicImage(uuid(created.getTopicId()), created.getName(), List.of());
        put(with(none, created.getPartitionsList()));
    }

    private void addPartitions(PartitionsAdded added) {
        TopicImage topic = byId.get(uuid(added.getTopicId()));
        if (topic == null) {
            throw new IllegalStateException("partitions were added to a topic that is not there");
        }
        put(with(topic, added.getPartitionsList()));
    }

    private TopicImage with(TopicImage topic, List<Partition> added) {
        PartitionList.Editor partitions = topic.list().edit();
        for (Partition partition : added) {
            PartitionImage image = image(partitions.size(), partition);
            partitions.add(image);
            tally.add(image);
        }
        return new TopicImage(topic.id(), topic.name(), partitions.build());
    }

    private static PartitionImage image(int index, Partition partition) {
        if (!partition.hasState()) {
            return PartitionImage.created(index, partition.getReplicasList());
        }
        PartitionState state = partition.getState();
        NodeIds replicas = NodeIds.of(partition.getReplicasList());
        NodeIds inSync = NodeIds.of(state.getInSyncList());
        return new PartitionImage(
                index,
                state.getLeader(),
                state.getLeaderEpoch(),
                state.getPartitionEpoch(),
                replicas,
                inSync.equals(replicas) ? replicas : inSync,
                NodeIds.of(state.getEligibleList()),
                NodeIds.of(state.getAddingList()),
                NodeIds.of(state.getRemovingList()));
    }

    private void changePartition(PartitionChanged changed) {
        UUID id = uuid(changed.getTopicId());
        PartitionList.Editor partitions = editable.get(id);
        if (partitions == null) {
            TopicImage topic = byId.get(id);
            if (topic == null || changed.getIndex() >= topic.partitions().size()) {
                throw new IllegalStateException("a partition was changed that is not there");
            }
            partitions = topic.list().edit();
            editable.put(id, partitions);
        }
        PartitionImage image = image(changed.getIndex(), changed.getPartition());
        tally.replace(partitions.get(image.index()), image);
        partitions.set(image);
    }

    /** Puts the partitions that were changed in place: once a topic, however many they are. */
    private void settle() {
        editable.forEach((id, partitions) -> {
            TopicImage topic = Objects.requireNonNull(byId.get(id));
            put(new TopicImage(id, topic.name(), partitions.build()));
        });
        editable.clear();
    }

    private void delete(UUID id) {
        TopicImage topic = byId.get(id);
        touchedTopics.add(id);
        if (topic != null) {
            byId = byId.minus(id);
            byName = byName.minus(topic.name());
            configs = configs.minus(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
            topic.partitions().forEach(tally::remove);
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
        configs =
                values.isEmpty()
                        ? configs.minus(resource)
                        : configs.plus(resource, Collections.unmodifiableSortedMap(values));
    }

    private void register(NodeRegistered node) {
        var registration =
                new Registration(
                        node.getEpoch(),
                        uuidOrZero(node.getIncarnation()),
                        uuidOrZero(node.getDirectory()),
                        node.getFenced(),
                        false);
        var image =
                new NodeImage(
                        node.getNodeId(),
                        node.getHost(),
                        node.getPort(),
                        node.getRack(),
                        registration);
        nodes = nodes.plus(image.id(), image);
    }

    private void changeNode(NodeChanged changed) {
        NodeImage node = nodes.get(changed.getNodeId());
        if (node == null) {
            throw new IllegalStateException("a node was changed that is not registered");
        }
        nodes = nodes.plus(node.id(), node.with(changed.getFenced(), changed.getShuttingDown()));
    }

    private static UUID uuidOrZero(ByteString bytes) {
        return bytes.isEmpty() ? new UUID(0, 0) : uuid(bytes);
    }

    /** An id as records have it. */
    public static UUID uuid(ByteString bytes) {
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }
}
