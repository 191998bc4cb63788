package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A move of a partition that is throttled as Kafka's tool does it (KIP-73). */
@Timeout(240)
final class ThrottledMoveTest {
    private static final TopicPartition PLACE = new TopicPartition("t", 0);
    private static final int BATCHES = 40;

    @Test
    void theMoveWaitsForItsThrottleAndWritersDoNot(@TempDir Path folder) throws Exception {
        try (var nodes = new Nodes(folder, 2, Map.of("replica.fetch.max.bytes", "20000"));
                var admin = Admin.create(Map.of("bootstrap.servers", nodes.bootstrapServers()));
                var producer = producer(nodes)) {
            admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(1))))).all().get();
            for (int i = 0; i < BATCHES; i++) {
                producer.send(new ProducerRecord<>("t", new byte[10_000])).get();
            }
            var topic = new ConfigResource(ConfigResource.Type.TOPIC, "t");
            var leader = new ConfigResource(ConfigResource.Type.BROKER, "1");
            set(admin, topic, "leader.replication.throttled.replicas", "0:1");
            set(admin, leader, "leader.replication.throttled.rate", "1");

            admin.alterPartitionReassignments(
                            Map.of(PLACE, Optional.of(new NewPartitionReassignment(List.of(2)))))
                    .all()
                    .get();
            for (int i = 0; i < BATCHES; i++) {
                producer.send(new ProducerRecord<>("t", new byte[10_000])).get();
            }
            // At a byte a second the first answer is the last for hours.
            assertThat(admin.listPartitionReassignments().reassignments().get()).containsKey(PLACE);

            remove(admin, leader, "leader.replication.throttled.rate");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(100))
                    .untilAsserted(() -> assertThat(replicas(admin)).containsExactly(2));
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(Nodes nodes) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", nodes.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static void set(Admin admin, ConfigResource of, String key, String value)
            throws Exception {
        alter(admin, of, new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
    }

    private static void remove(Admin admin, ConfigResource of, String key) throws Exception {
        alter(admin, of, new ConfigEntry(key, ""), AlterConfigOp.OpType.DELETE);
    }

    private static void alter(
            Admin admin, ConfigResource of, ConfigEntry entry, AlterConfigOp.OpType operation)
            throws Exception {
        admin.incrementalAlterConfigs(Map.of(of, List.of(new AlterConfigOp(entry, operation))))
                .all()
                .get();
    }

    private static List<Integer> replicas(Admin admin) throws Exception {
        var described = admin.describeTopics(List.of("t")).allTopicNames().get();
        return Objects.requireNonNull(described.get("t"))
                .partitions()
                .getFirst()
                .replicas()
                .stream()
                .map(Node::id)
                .toList();
    }
}
