package io.millrace.broker.edge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.RawClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records that were deleted are gone on every replica by the time that the client hears of it. */
@Timeout(240)
final class DeletedRecordsTest {
    private static final TopicPartition PLACE = new TopicPartition("t", 0);

    @Test
    void noReplicaInSyncHasWhatWasDeleted(@TempDir Path folder) throws Exception {
        try (var nodes = new Nodes(folder, 3, Map.of());
                var admin = Admin.create(Map.of("bootstrap.servers", nodes.bootstrapServers()))) {
            Uuid topic =
                    admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(1, 2, 3)))))
                            .topicId("t")
                            .get();
            produce(nodes, 10);

            for (long before = 4; before <= 10; before += 3) {
                var deleted =
                        admin.deleteRecords(Map.of(PLACE, RecordsToDelete.beforeOffset(before)))
                                .lowWatermarks();

                assertThat(requireNonNull(deleted.get(PLACE)).get().lowWatermark())
                        .isEqualTo(before);
                for (int node = 1; node <= 3; node++) {
                    assertThat(fetch(nodes, node, topic, before - 1))
                            .as("what node %d has before %d", node, before)
                            .isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
                }
            }
        }
    }

    private static void produce(Nodes nodes, int count) throws Exception {
        try (var producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", nodes.bootstrapServers()),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>("t", "x")).get();
            }
        }
    }

    private static Errors fetch(Nodes nodes, int node, Uuid topic, long offset) throws Exception {
        var wanted =
                new FetchTopic()
                        .setTopicId(topic)
                        .setPartitions(
                                List.of(
                                        new FetchPartition()
                                                .setFetchOffset(offset)
                                                .setPartitionMaxBytes(1 << 20)));
        var asked = new FetchRequestData().setMaxBytes(1 << 20).setTopics(List.of(wanted));
        try (var client = new RawClient(nodes.node(node).port())) {
            var answer = client.ask(ApiKeys.FETCH, asked, FetchResponseData.class);
            return Errors.forCode(
                    answer.responses().getFirst().partitions().getFirst().errorCode());
        }
    }
}
