package io.millrace.cluster.metadata;

import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An image as records: applied to an empty image, they give the same one. Made one after the other
 * as they are asked for, and none of them large. Stateless.
 */
public final class SnapshotRecords {
    /** A topic with more is told in several records. */
    private static final int PARTITIONS_AT_ONCE = 2_000;

    private SnapshotRecords() {}

    public static Iterator<MetadataRecord> of(ClusterImage image) {
        return Stream.concat(
                        image.nodes().values().stream().flatMap(SnapshotRecords::node),
                        Stream.concat(
                                image.topics().stream().flatMap(SnapshotRecords::topic),
                                settings(image)))
                .iterator();
    }

    private static Stream<MetadataRecord> node(NodeImage node) {
        MetadataRecord registered = Records.nodeRegistered(node);
        Registration registration = node.registration();
        return registration.shuttingDown()
                ? Stream.of(registered, Records.nodeChanged(node.id(), registration.fenced(), true))
                : Stream.of(registered);
    }

    private static Stream<MetadataRecord> topic(TopicImage topic) {
        int size = topic.partitions().size();
        if (size <= PARTITIONS_AT_ONCE) {
            return Stream.of(Records.topicCreated(topic.id(), topic.name(), topic.partitions()));
        }
        return IntStream.iterate(0, from -> from < size, from -> from + PARTITIONS_AT_ONCE)
                .mapToObj(from -> some(topic, from, Math.min(size, from + PARTITIONS_AT_ONCE)));
    }

    private static MetadataRecord some(TopicImage topic, int from, int to) {
        List<PartitionImage> partitions = topic.partitions().subList(from, to);
        return from == 0
                ? Records.topicCreated(topic.id(), topic.name(), partitions)
                : Records.partitionsAdded(topic.id(), partitions);
    }

    private static Stream<MetadataRecord> settings(ClusterImage image) {
        var records = new ArrayList<MetadataRecord>();
        image.features()
                .forEach((name, level) -> records.add(Records.featureLevelChanged(name, level)));
        if (image.nextProducerId() > 0) {
            records.add(Records.producerIdsAllocated(image.nextProducerId()));
        }
        return Stream.concat(
                image.configs().entrySet().stream()
                        .flatMap(resource ->
                                resource.getValue().entrySet().stream()
                                        .map(value ->
                                                Records.configChanged(
                                                        resource.getKey(),
                                                        value.getKey(),
                                                        value.getValue()))),
                records.stream());
    }
}
