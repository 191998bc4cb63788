package io.millrace.cluster.metadata;

import com.google.protobuf.ByteString;
import io.millrace.cluster.proto.ConfigChanged;
import io.millrace.cluster.proto.FeatureLevelChanged;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.NodeChanged;
import io.millrace.cluster.proto.NodeRegistered;
import io.millrace.cluster.proto.NodeUnregistered;
import io.millrace.cluster.proto.Partition;
import io.millrace.cluster.proto.PartitionChanged;
import io.millrace.cluster.proto.PartitionState;
import io.millrace.cluster.proto.PartitionsAdded;
import io.millrace.cluster.proto.ProducerIdsAllocated;
import io.millrace.cluster.proto.TopicCreated;
import io.millrace.cluster.proto.TopicDeleted;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes metadata records. Stateless. */
public final class Records {
    private static final int ID_BYTES = 16;

    private Records() {}

    /** A topic with its partitions. */
    public static MetadataRecord topicCreated(
            UUID id, String name, List<PartitionImage> partitions) {
        var created = TopicCreated.newBuilder().setTopicId(bytes(id)).setName(name);
        partitions.forEach(each -> created.addPartitions(partition(each)));
        return MetadataRecord.newBuilder().setTopicCreated(created).build();
    }

    public static MetadataRecord topicDeleted(UUID id) {
        return MetadataRecord.newBuilder()
                .setTopicDeleted(TopicDeleted.newBuilder().setTopicId(bytes(id)))
                .build();
    }

    public static MetadataRecord partitionsAdded(UUID id, List<PartitionImage> partitions) {
        var added = PartitionsAdded.newBuilder().setTopicId(bytes(id));
        partitions.forEach(each -> added.addPartitions(partition(each)));
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

    /** A node as it is registered; whether it is shutting down is not in it. */
    public static MetadataRecord nodeRegistered(NodeImage node) {
        NodeImage.Registration registration = node.registration();
        var registered =
                NodeRegistered.newBuilder()
                        .setNodeId(node.id())
                        .setHost(node.host())
                        .setPort(node.port())
                        .setRack(node.rack())
                        .setEpoch(registration.epoch())
                        .setIncarnation(bytes(registration.incarnation()))
                        .setDirectory(bytes(registration.directory()))
                        .setFenced(registration.fenced());
        return MetadataRecord.newBuilder().setNodeRegistered(registered).build();
    }

    public static MetadataRecord nodeChanged(int id, boolean fenced, boolean shuttingDown) {
        var changed =
                NodeChanged.newBuilder()
                        .setNodeId(id)
                        .setFenced(fenced)
                        .setShuttingDown(shuttingDown);
        return MetadataRecord.newBuilder().setNodeChanged(changed).build();
    }

    public static MetadataRecord nodeUnregistered(int id) {
        return MetadataRecord.newBuilder()
                .setNodeUnregistered(NodeUnregistered.newBuilder().setNodeId(id))
                .build();
    }

    /** A partition as it is from now on. */
    public static MetadataRecord partitionChanged(UUID topicId, PartitionImage partition) {
        var changed =
                PartitionChanged.newBuilder()
                        .setTopicId(bytes(topicId))
                        .setIndex(partition.index())
                        .setPartition(partition(partition));
        return MetadataRecord.newBuilder().setPartitionChanged(changed).build();
    }

    private static Partition partition(PartitionImage image) {
        var partition = Partition.newBuilder().addAllReplicas(image.replicas());
        if (!image.isAsCreated()) {
            partition.setState(
                    PartitionState.newBuilder()
                            .setLeader(image.leader())
                            .setLeaderEpoch(image.leaderEpoch())
                            .setPartitionEpoch(image.partitionEpoch())
                            .addAllInSync(image.inSyncReplicas())
                            .addAllEligible(image.eligible())
                            .addAllAdding(image.adding())
                            .addAllRemoving(image.removing()));
        }
        return partition.build();
    }

    private static ByteString bytes(UUID id) {
        return ByteString.copyFrom(
                ByteBuffer.allocate(ID_BYTES)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .flip());
    }
}
