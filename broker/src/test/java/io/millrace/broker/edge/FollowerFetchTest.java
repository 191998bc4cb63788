package io.millrace.broker.edge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.RawClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ReplicaState;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Consumers that read from the follower in their rack (KIP-392). */
@Timeout(240)
final class FollowerFetchTest {
    private static final TopicPartition PLACE = new TopicPartition("t", 0);
    private static final Map<String, String> RACK_AWARE =
            Map.of(
                    "replica.selector.class",
                    "org.apache.kafka.common.replica.RackAwareReplicaSelector");

    @Test
    void aConsumerReadsWhatIsCommittedFromTheFollowerInItsRack(@TempDir Path folder)
            throws Exception {
        try (var nodes = new Nodes(folder, 3, RACK_AWARE)) {
            Uuid topic = create(nodes);
            try (var producer = producer(nodes);
                    var near = consumer(nodes, "rack-2");
                    var far = consumer(nodes, "rack-9")) {
                producer.initTransactions();
                transaction(producer, true, "a", "b");
                transaction(producer, false, "c");
                assertThat(read(near, 2)).containsExactly("a", "b");
                transaction(producer, true, "d");

                assertThat(read(near, 1)).containsExactly("d");
                assertThat(preferred(near)).isEqualTo(2);
                assertThat(read(far, 3)).containsExactly("a", "b", "d");
                assertThat(preferred(far)).isEqualTo(-1);
            }
            followersAnswerFetchesOfNewConsumersOnly(nodes, topic);
            aFollowerHearsAtOnceOfWhatIsCommitted(nodes, topic);
        }
    }

    private static Uuid create(Nodes nodes) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", nodes.bootstrapServers()))) {
            return admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(1, 2, 3)))))
                    .topicId("t")
                    .get();
        }
    }

    private static KafkaProducer<String, String> producer(Nodes nodes) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", nodes.bootstrapServers(), "transactional.id", "it"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static void transaction(
            KafkaProducer<String, String> producer, boolean commit, String... values) {
        producer.beginTransaction();
        for (String value : values) {
            var _ = producer.send(new ProducerRecord<>("t", 0, null, value));
        }
        producer.flush();
        if (commit) {
            producer.commitTransaction();
        } else {
            producer.abortTransaction();
        }
    }

    private static KafkaConsumer<String, String> consumer(Nodes nodes, String rack) {
        var consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers", nodes.bootstrapServers(),
                                "client.rack", rack,
                                "isolation.level", "read_committed",
                                "auto.offset.reset", "earliest",
                                "enable.auto.commit", "false"),
                        new StringDeserializer(),
                        new StringDeserializer());
        consumer.assign(List.of(PLACE));
        consumer.seek(PLACE, 0);
        return consumer;
    }

    private static List<String> read(KafkaConsumer<String, String> consumer, int count) {
        var read = new ArrayList<String>();
        while (read.size() < count) {
            for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofSeconds(1))) {
                read.add(each.value());
            }
        }
        return read;
    }

    /** The replica that a consumer was sent to; -1 if it was to nobody. */
    private static int preferred(KafkaConsumer<String, String> consumer) {
        return consumer.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("preferred-read-replica"))
                .map(metric -> (Integer) metric.metricValue())
                .findFirst()
                .orElse(-1);
    }

    private static void followersAnswerFetchesOfNewConsumersOnly(Nodes nodes, Uuid topic)
            throws Exception {
        try (var follower = new RawClient(nodes.node(2).port())) {
            assertThat(fetch(follower, (short) 12, topic, -1)).isEqualTo(Errors.NONE);
            assertThat(fetch(follower, (short) 10, topic, -1))
                    .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
            assertThat(fetch(follower, (short) 17, topic, 99))
                    .isEqualTo(Errors.UNKNOWN_LEADER_EPOCH);
            var asked =
                    new ListOffsetsRequestData()
                            .setReplicaId(-1)
                            .setTopics(
                                    List.of(
                                            new ListOffsetsTopic()
                                                    .setName("t")
                                                    .setPartitions(
                                                            List.of(
                                                                    new ListOffsetsPartition()
                                                                            .setTimestamp(-1)))));
            var listed = follower.ask(ApiKeys.LIST_OFFSETS, asked, ListOffsetsResponseData.class);
            assertThat(
                            Errors.forCode(
                                    listed.topics().getFirst().partitions().getFirst().errorCode()))
                    .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
        }
    }

    /** Else it would be answered when its wait is over, which is later than this test. */
    private static void aFollowerHearsAtOnceOfWhatIsCommitted(Nodes nodes, Uuid topic)
            throws Exception {
        try (var leader = new RawClient(nodes.node(1).port())) {
            PartitionData empty = asFollower(leader, topic, 0, Long.MAX_VALUE, 0);
            long end = empty.highWatermark();
            PartitionData told = asFollower(leader, topic, end, end - 1, 600_000);

            assertThat(told.highWatermark()).isEqualTo(end);
            assertThat(told.records().sizeInBytes()).isZero();
        }
    }

    private static PartitionData asFollower(
            RawClient leader, Uuid topic, long offset, long known, int waitMs) throws Exception {
        var wanted =
                new FetchTopic()
                        .setTopicId(topic)
                        .setPartitions(
                                List.of(
                                        new FetchPartition()
                                                .setFetchOffset(offset)
                                                .setHighWatermark(known)
                                                .setPartitionMaxBytes(1 << 20)));
        var asked =
                new FetchRequestData()
                        .setReplicaState(new ReplicaState().setReplicaId(9))
                        .setMaxWaitMs(waitMs)
                        .setMinBytes(1)
                        .setMaxBytes(1 << 20)
                        .setTopics(List.of(wanted));
        var answer = leader.ask(ApiKeys.FETCH, asked, FetchResponseData.class);
        return answer.responses().getFirst().partitions().getFirst();
    }

    private static Errors fetch(RawClient client, short version, Uuid topic, int leaderEpoch)
            throws Exception {
        boolean byId = version > 12;
        var wanted =
                new FetchTopic()
                        .setTopic(byId ? "" : "t")
                        .setTopicId(byId ? topic : Uuid.ZERO_UUID)
                        .setPartitions(
                                List.of(
                                        new FetchPartition()
                                                .setCurrentLeaderEpoch(leaderEpoch)
                                                .setPartitionMaxBytes(1 << 20)));
        var asked = new FetchRequestData().setMaxBytes(1 << 20).setTopics(List.of(wanted));
        var answer = client.ask(ApiKeys.FETCH, version, asked, FetchResponseData.class);
        return Errors.forCode(
                requireNonNull(answer.responses().getFirst()).partitions().getFirst().errorCode());
    }
}
