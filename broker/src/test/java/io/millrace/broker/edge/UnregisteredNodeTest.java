package io.millrace.broker.edge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker that an operator unregisters while it runs registers again, and hears of the rest. */
@Timeout(240)
final class UnregisteredNodeTest {
    @Test
    void aLeaderThatIsUnregisteredFollowsItsSuccessorAndMissesNoDeletion(@TempDir Path folder)
            throws Exception {
        try (var nodes = new Nodes(folder, 3, Map.of());
                var admin = Admin.create(Map.of("bootstrap.servers", nodes.bootstrapServers()))) {
            create(admin, "t");
            produce(nodes, "before");

            admin.unregisterBroker(1).all().get();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .ignoreException(ExecutionException.class)
                    .untilAsserted(() -> assertThat(partition(admin).isr()).hasSize(3));
            assertThat(partition(admin).leader().id()).isNotEqualTo(1);
            produce(nodes, "after");
            admin.deleteTopics(List.of("t")).all().get();
            create(admin, "t");
            produce(nodes, "anew");
            assertThat(partition(admin).isr()).hasSize(3);
        }
    }

    private static void create(Admin admin, String topic) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, Map.of(0, List.of(1, 2, 3))))).all().get();
    }

    private static TopicPartitionInfo partition(Admin admin) throws Exception {
        return requireNonNull(admin.describeTopics(List.of("t")).allTopicNames().get().get("t"))
                .partitions()
                .getFirst();
    }

    private static void produce(Nodes nodes, String value) throws Exception {
        try (var producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", nodes.bootstrapServers(), "acks", "all"),
                        new StringSerializer(),
                        new StringSerializer())) {
            producer.send(new ProducerRecord<>("t", 0, null, value)).get();
        }
    }
}
