package io.millrace.cluster.metadata;

import com.google.protobuf.ByteString;
import io.millrace.cluster.proto.ConfigChanged;
import io.millrace.cluster.proto.FeatureLevelChanged;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.NodeRegistered;
import io.millrace.cluster.proto.Partition;
import io.millrace.cluster.proto.PartitionsAdded;
import io.millrace.cluster.proto.ProducerIdsAllocated;
import io.millrace.cluster.proto.TopicCreated;
import io.millrace.cluster.proto.TopicDeleted;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes metadata records. Stateless. */
public final class Records {
    private static final int ID_BYTES = 16;

    private Records() {}

    /** A topic with its partitions' replicas. */
    public static MetadataRecord topicCreated(UUID id, String name, List<List<Integer>> replicas) {
        var created = TopicCreated.newBuilder().setTopicId(bytes(id)).setName(name);
        replicas.forEach(nodes -> created.addPartitions(partition(nodes)));
        return MetadataRecord.newBuilder().setTopicCreated(created).build();
    }

    public static MetadataRecord topicDeleted(UUID id) {
        return MetadataRecord.newBuilder()
                .setTopicDeleted(TopicDeleted.newBuilder().setTopicId(bytes(id)))
                .build();
    }

    public static MetadataRecord partitionsAdded(UUID id, List<List<Integer>> replicas) {
        var added = PartitionsAdded.newBuilder().setTopicId(bytes(id));
        replicas.forEach(nodes -> added.addPartitions(partition(nodes)));
        return MetadataRecord.newBuilder().setPartitionsAdded(added).build();
    }

    /**
     * @param value null removes it
     */
    public static MetadataRecord configChanged(
            ConfigResource resource, String key, @Nullable String value) {
        var changed =
                ConfigChanged.newBuilder()
                        .setResourceType(resource.type().id())
                        .setResourceName(resource.name())
                        .setKey(key);
        if (value != null) {
            changed.setValue(value);
        }
        return MetadataRecord.newBuilder().setConfigChanged(changed).build();
    }

    public static MetadataRecord producerIdsAllocated(long nextProducerId) {
        return MetadataRecord.newBuilder()
                .setProducerIdsAllocated(
                        ProducerIdsAllocated.newBuilder().setNextProducerId(nextProducerId))
                .build();
    }

    public static MetadataRecord featureLevelChanged(String name, short level) {
        return MetadataRecord.newBuilder()
                .setFeatureLevelChanged(
                        FeatureLevelChanged.newBuilder().setName(name).setLevel(level))
                .build();
    }

    public static MetadataRecord nodeRegistered(NodeImage node) {
        return MetadataRecord.newBuilder()
                .setNodeRegistered(
                        NodeRegistered.newBuilder()
                                .setNodeId(node.id())
                                .setHost(node.host())
                                .setPort(node.port())
                                .setRack(node.rack()))
                .build();
    }

    /** Records that, applied to an empty image, give this one. */
    public static List<MetadataRecord> of(ClusterImage image) {
        var records = new ArrayList<MetadataRecord>();
        image.nodes().values().forEach(node -> records.add(nodeRegistered(node)));
        for (TopicImage topic : image.topics()) {
            records.add(
                    topicCreated(
                            topic.id(),
                            topic.name(),
                            topic.partitions().stream()
                                    .map(TopicImage.PartitionImage::replicas)
                                    .toList()));
        }
        image.configs()
                .forEach((resource, values) ->
                        values.forEach(
                                (key, value) -> records.add(configChanged(resource, key, value))));
        image.features().forEach((name, level) -> records.add(featureLevelChanged(name, level)));
        if (image.nextProducerId() > 0) {
            records.add(producerIdsAllocated(image.nextProducerId()));
        }
        return records;
    }

    private static Partition partition(List<Integer> replicas) {
        return Partition.newBuilder().addAllReplicas(replicas).build();
    }

    private static ByteString bytes(UUID id) {
        return ByteString.copyFrom(
                ByteBuffer.allocate(ID_BYTES)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .flip());
    }
}
