package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.ShareClient.Delivered;
import io.millrace.broker.handler.topic.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.EnvelopeRequestData;
import org.apache.kafka.common.message.EnvelopeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues whose records one broker leads, and whose state another. */
@Timeout(120)
final class QueuesElsewhereTest {
    private static final int ACCEPT = 1;
    private static final int RELEASE = 2;
    private static final int REJECT = 3;
    private static final TopicPartition PLACE = new TopicPartition("t", 0);

    @TempDir Path folder = Path.of("unset");
    private @Nullable TwoBrokers started;
    private UUID topic = new UUID(0, 0);

    @BeforeEach
    void start() throws Exception {
        started = new TwoBrokers(folder);
        topic = brokers().topic("t", TwoBrokers.FIRST, Map.of());
        brokers().topic(Topics.SHARE_STATE, TwoBrokers.SECOND, Map.of("cleanup.policy", "compact"));
        brokers().set("g", "share.auto.offset.reset", "earliest");
    }

    private TwoBrokers brokers() {
        return Objects.requireNonNull(started);
    }

    @AfterEach
    void stop() {
        brokers().close();
    }

    private void groupsAt(int node) {
        brokers().topic(Topics.OFFSETS, node, Map.of("cleanup.policy", "compact"));
    }

    private Map<String, Object> bootstrap() {
        return Map.of("bootstrap.servers", brokers().first.bootstrapServers());
    }

    private void produce(int from, int to) {
        var text = new StringSerializer();
        try (var producer = new KafkaProducer<>(bootstrap(), text, text)) {
            for (int i = from; i < to; i++) {
                var record = new ProducerRecord<>("t", 0, "k" + i, "v" + i);
                record.headers().add("h", new byte[] {'x'});
                var _ = producer.send(record);
            }
            producer.flush();
        }
    }

    private ShareClient client() throws Exception {
        return new ShareClient(brokers().first.port(), "g", topic).join("t");
    }

    @ParameterizedTest
    @ValueSource(ints = {TwoBrokers.FIRST, TwoBrokers.SECOND})
    void kafkasShareConsumerGetsAllOnce(int groups) {
        groupsAt(groups);
        produce(0, 300);
        var settings = new HashMap<>(bootstrap());
        settings.put("group.id", "g");
        var text = new StringDeserializer();
        var seen = new ArrayList<String>();
        try (var consumer = new KafkaShareConsumer<>(settings, text, text)) {
            consumer.subscribe(List.of("t"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> {
                        consumer.poll(Duration.ofMillis(200))
                                .forEach(record -> seen.add(record.value()));
                        return seen.size() >= 300;
                    });
            consumer.commitSync();
        }

        assertThat(seen).hasSize(300);
        assertThat(new TreeSet<>(seen)).hasSize(300);
        assertThat(brokers().keeps(TwoBrokers.SECOND, Topics.SHARE_STATE + "-0")).isTrue();
        assertThat(brokers().keeps(TwoBrokers.FIRST, Topics.SHARE_STATE + "-0")).isFalse();
    }

    @Test
    void aStrangerBeginsNothingWhereverTheGroupIs() throws Exception {
        groupsAt(TwoBrokers.SECOND);
        produce(0, 1);
        try (var member = new ShareClient(brokers().second.port(), "g", topic).join("t");
                var stranger = new ShareClient(brokers().first.port(), "g", topic)) {
            var answer = stranger.fetchRaw(List.of());
            short error = answer.responses().iterator().next().partitions().getFirst().errorCode();

            assertThat(member.member).isNotEqualTo(stranger.member);
            assertThat(error).isEqualTo(Errors.UNKNOWN_MEMBER_ID.code());
        }
    }

    @Test
    void aFetchThatWaitsIsWokenByWhatHappensInTheShard() throws Exception {
        groupsAt(TwoBrokers.FIRST);
        produce(0, 1);
        try (var one = client();
                var two = client()) {
            Awaitility.await().until(() -> !one.fetch().isEmpty());
            assertThat(two.fetch()).isEmpty();
            two.maxWaitMs = 25_000;
            var waiting =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return two.fetch();
                        } catch (java.io.IOException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            assertThat(one.ack(0, 0, RELEASE)).isZero();

            assertThat(waiting.get(15, TimeUnit.SECONDS))
                    .containsExactly(new Delivered(0, "v0", 2));
            assertThat(one.ack(0, 0, ACCEPT)).isEqualTo(Errors.INVALID_RECORD_STATE.code());
            assertThat(two.ack(0, 0, ACCEPT)).isZero();
            assertThat(two.ack(0, 0, ACCEPT)).isZero();
        }
    }

    @Test
    void aLockThatEndsInTheShardWakesWhoeverWaits() throws Exception {
        groupsAt(TwoBrokers.FIRST);
        brokers().set("g", "share.record.lock.duration.ms", "15000");
        produce(0, 1);
        try (var one = client();
                var two = client()) {
            Awaitility.await().until(() -> !one.fetch().isEmpty());
            assertThat(two.fetch()).isEmpty();
            two.maxWaitMs = 28_000;

            long beganNs = System.nanoTime();
            assertThat(two.fetch()).containsExactly(new Delivered(0, "v0", 2));
            assertThat(Duration.ofNanos(System.nanoTime() - beganNs))
                    .isLessThan(Duration.ofSeconds(25));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {TwoBrokers.FIRST, TwoBrokers.SECOND})
    void deadLettersAreReadAndWrittenWhereTheirPartitionsAre(int letters) throws Exception {
        groupsAt(TwoBrokers.FIRST);
        brokers().topic("dlq.t", letters, Map.of("errors.deadletterqueue.group.enable", "true"));
        brokers().set("g", "errors.deadletterqueue.topic.name", "dlq.t");
        brokers().set("g", "errors.deadletterqueue.copy.record.enable", "true");
        produce(0, 3);
        try (var one = client()) {
            var got = new ArrayList<Delivered>();
            Awaitility.await().until(() -> got.addAll(one.fetch()) && got.size() == 3);
            assertThat(one.ack(0, 2, ACCEPT, REJECT, REJECT)).isZero();
        }

        List<ConsumerRecord<String, String>> found = letters(2);

        assertThat(found).extracting(ConsumerRecord::value).containsExactly("v1", "v2");
        assertThat(found).extracting(ConsumerRecord::key).containsExactly("k1", "k2");
        var headers = new HashMap<String, String>();
        found.getFirst()
                .headers()
                .forEach(header ->
                        headers.put(
                                header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        assertThat(headers)
                .containsEntry("h", "x")
                .containsEntry("__dlq.errors.topic", "t")
                .containsEntry("__dlq.errors.offset", "1");
    }

    @Test
    void lettersThatTheirTopicFindsTooLargeComeWithoutTheRecord() throws Exception {
        groupsAt(TwoBrokers.FIRST);
        brokers()
                .topic(
                        "dlq.t",
                        TwoBrokers.FIRST,
                        Map.of(
                                "errors.deadletterqueue.group.enable",
                                "true",
                                "max.message.bytes",
                                "1000"));
        brokers().set("g", "errors.deadletterqueue.topic.name", "dlq.t");
        brokers().set("g", "errors.deadletterqueue.copy.record.enable", "true");
        var text = new StringSerializer();
        try (var producer = new KafkaProducer<>(bootstrap(), text, text)) {
            for (String value : List.of("small", "x".repeat(2_000), "last")) {
                producer.send(new ProducerRecord<>("t", 0, null, value)).get();
            }
        }
        try (var one = client()) {
            var got = new ArrayList<Delivered>();
            Awaitility.await().until(() -> got.addAll(one.fetch()) && got.size() == 3);
            assertThat(one.ack(0, 2, REJECT)).isZero();
        }

        assertThat(letters(3))
                .extracting(ConsumerRecord::value)
                .containsExactly("small", null, "last");
    }

    private List<ConsumerRecord<String, String>> letters(int count) {
        var settings = new HashMap<>(bootstrap());
        settings.put("auto.offset.reset", "earliest");
        var text = new StringDeserializer();
        var found = new ArrayList<ConsumerRecord<String, String>>();
        try (var consumer = new KafkaConsumer<>(settings, text, text)) {
            consumer.assign(List.of(new TopicPartition("dlq.t", 0)));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> {
                        consumer.poll(Duration.ofMillis(200)).forEach(found::add);
                        return found.size() >= count;
                    });
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(ints = {TwoBrokers.FIRST, TwoBrokers.SECOND})
    void offsetsAndStatusAreToldAndChanged(int groups) throws Exception {
        groupsAt(groups);
        produce(0, 5);
        try (var one =
                        new ShareClient(
                                        groups == TwoBrokers.FIRST
                                                ? brokers().first.port()
                                                : brokers().second.port(),
                                        "g",
                                        topic)
                                .join("t");
                var fetching = new ShareClient(brokers().first.port(), "g", topic, one.member);
                var admin = Admin.create(bootstrap())) {
            var got = new ArrayList<Delivered>();
            Awaitility.await().until(() -> got.addAll(fetching.fetch()) && got.size() == 5);
            assertThat(fetching.ack(0, 1, ACCEPT)).isZero();

            assertThat(offsets(admin)).isEqualTo("2, 3 left");
            assertThat(status(admin)).contains("\"start\":2,\"end\":5,\"logEnd\":5,");
            one.leave();
            admin.alterShareGroupOffsets("g", Map.of(PLACE, 4L)).all().get();
            assertThat(offsets(admin)).isEqualTo("4, 1 left");
            admin.deleteShareGroups(List.of("g")).all().get();
            assertThat(status(admin)).isEqualTo("null");
        }
    }

    private static String offsets(Admin admin) throws Exception {
        var found =
                admin.listShareGroupOffsets(Map.of("g", new ListShareGroupOffsetsSpec()))
                        .partitionsToOffsetInfo("g")
                        .get()
                        .get(PLACE);
        return found == null
                ? "nothing"
                : "%d, %d left".formatted(found.startOffset(), found.lag().orElse(-1L));
    }

    private static String status(Admin admin) throws Exception {
        var group = new ConfigResource(ConfigResource.Type.GROUP, "g");
        var configs = admin.describeConfigs(List.of(group)).all().get().get(group);
        var status = Objects.requireNonNull(configs).get("millrace.queue.status");
        return status == null ? "null" : status.value();
    }

    @Test
    void withoutTheShardsBrokerConsumersAreToldToTryAgain() throws Exception {
        groupsAt(TwoBrokers.FIRST);
        produce(0, 1);
        try (var one = client()) {
            Awaitility.await().until(() -> !one.fetch().isEmpty());
            brokers().stopSecond();

            assertThat(one.ack(0, 0, ACCEPT)).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
            var answer = one.fetchRaw(List.of());
            assertThat(answer.responses().iterator().next().partitions().getFirst().errorCode())
                    .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
        }
    }

    @Test
    void anEnvelopeOfNoBrokerIsRefused() throws Exception {
        try (var raw = new RawClient(brokers().first.port())) {
            assertThat(send(raw, "another", new byte[0]))
                    .isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED);
            assertThat(send(raw, "the-same", new byte[0])).isEqualTo(Errors.INVALID_REQUEST);
            assertThat(send(raw, "the-same", new byte[] {10, 100}))
                    .isEqualTo(Errors.INVALID_REQUEST);
            assertThat(send(raw, "the-same", new byte[(1 << 20) + 1]))
                    .isEqualTo(Errors.INVALID_REQUEST);
        }
    }

    private static Errors send(RawClient raw, String principal, byte[] call) throws Exception {
        var envelope =
                new EnvelopeRequestData()
                        .setRequestData(ByteBuffer.wrap(call))
                        .setRequestPrincipal(principal.getBytes(StandardCharsets.UTF_8))
                        .setClientHostAddress(new byte[0]);
        return Errors.forCode(
                raw.ask(ApiKeys.ENVELOPE, envelope, EnvelopeResponseData.class).errorCode());
    }
}
