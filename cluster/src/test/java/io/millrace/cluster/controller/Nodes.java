package io.millrace.cluster.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;

/** A cluster's image to which commands are applied as they are decided. */
final class Nodes {
    private ClusterImage image = ClusterImage.empty("c");

    ClusterImage image() {
        return image;
    }

    void join(int id, String rack) {
        UUID own = new UUID(1, id);
        submit(
                new Command.RegisterNode(
                        new NodeImage(
                                id, "h", 9092, rack, new Registration(0, own, own, false, false))));
    }

    void join(int... ids) {
        IntStream.of(ids).forEach(id -> join(id, ""));
    }

    void fence(int id) {
        NodeImage node = Objects.requireNonNull(image.nodes().get(id));
        submit(new Command.ChangeNode(id, node.registration().epoch(), true, false));
    }

    void drain(String ids) {
        submit(
                new Command.ChangeConfig(
                        DrainedNodes.RESOURCE, Map.of(DrainedNodes.KEY, Optional.of(ids))));
    }

    void create(String topic, int partitions, int replicas, Map<String, String> configs) {
        submit(
                new Command.CreateTopic(
                        new UUID(2, topic.hashCode()),
                        topic,
                        partitions,
                        replicas,
                        List.of(),
                        configs));
    }

    void submit(Command command) {
        Decision decision = Controller.decide(image, command, Policy.DEFAULT);
        assertThat(decision).isInstanceOf(Accepted.class);
        if (decision instanceof Accepted(List<MetadataRecord> records)) {
            var builder = new ImageBuilder(image);
            records.forEach(builder::apply);
            image = builder.build(image.endOffset() + records.size());
        }
    }

    TopicImage topic(String name) {
        return Objects.requireNonNull(image.topic(name));
    }

    /** Every replica of a topic catches up. */
    void catchUp(String name) {
        for (PartitionImage partition : topic(name).partitions()) {
            NodeImage leader = Objects.requireNonNull(image.nodes().get(partition.leader()));
            submit(
                    new Command.AlterPartition(
                            leader.id(),
                            leader.registration().epoch(),
                            topic(name).id(),
                            partition.index(),
                            partition.leaderEpoch(),
                            partition.partitionEpoch(),
                            List.copyOf(partition.replicas()),
                            List.of()));
        }
    }
}
