package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.disk.RealDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader that can no longer sync its log leaves the partition to another. */
@Timeout(240)
final class FailedLogTest {
    private static final TopicPartition PLACE = new TopicPartition("t", 0);

    @Test
    void anotherLeadsUntilTheNodeStartsAgain(@TempDir Path folder) throws Exception {
        var disk = new FailingSyncs("t-0");
        try (var nodes = new Nodes(folder, 3, Map.of(), id -> id == 1 ? disk : new RealDisk());
                var admin = Admin.create(Map.of("bootstrap.servers", nodes.bootstrapServers()));
                var producer = producer(nodes)) {
            var topic = new NewTopic("t", Map.of(0, List.of(1, 2, 3)));
            topic.configs(Map.of("min.insync.replicas", "2"));
            admin.createTopics(List.of(topic)).all().get();
            producer.send(new ProducerRecord<>("t", "before")).get();

            disk.fail();
            producer.send(new ProducerRecord<>("t", "during")).get();

            // The node that is asked may hear of it after the producer has.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> isWithoutTheFailed(partition(admin)));
            producer.send(new ProducerRecord<>("t", "after")).get();
            assertThat(read(nodes)).containsExactly("before", "during", "after");

            nodes.stop(1);
            nodes.start(1, new RealDisk());
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> partition(admin).isr().size() == 3);
            producer.send(new ProducerRecord<>("t", "again")).get();
            assertThat(read(nodes)).containsExactly("before", "during", "after", "again");
        }
    }

    private static boolean isWithoutTheFailed(TopicPartitionInfo partition) {
        Node leader = partition.leader();
        return leader != null
                && leader.id() != 1
                && partition.isr().stream().noneMatch(each -> each.id() == 1);
    }

    private static KafkaProducer<String, String> producer(Nodes nodes) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", nodes.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer());
    }

    private static TopicPartitionInfo partition(Admin admin) throws Exception {
        var described = admin.describeTopics(List.of("t")).allTopicNames().get();
        return Objects.requireNonNull(described.get("t")).partitions().getFirst();
    }

    private static List<String> read(Nodes nodes) {
        try (var consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", nodes.bootstrapServers()),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.assign(List.of(PLACE));
            consumer.seekToBeginning(List.of(PLACE));
            long end = consumer.endOffsets(List.of(PLACE)).values().iterator().next();
            var read = new ArrayList<String>();
            while (consumer.position(PLACE) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(each -> read.add(each.value()));
            }
            return read;
        }
    }
}
