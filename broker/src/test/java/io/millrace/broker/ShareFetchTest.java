package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.ShareClient.Delivered;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.wire.Uuids;
import io.millrace.storage.batch.RecordBatchView;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupNotEmptyException;
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

@Timeout(60)
final class ShareFetchTest {
    private static final int ACCEPT = 1;
    private static final int RELEASE = 2;
    private static final int REJECT = 3;
    private static final int RENEW = 4;
    private static final int MAGIC_AT = 16;

    @TempDir Path folder = Path.of("unset");
    private @Nullable Millrace started;
    private Uuid topic = Uuid.ZERO_UUID;

    @BeforeEach
    void start() throws Exception {
        started = startBroker();
        topic = createTopic("t", Map.of());
        set("g", "share.auto.offset.reset", "earliest");
    }

    private Millrace startBroker() {
        var values = new HashMap<String, String>();
        values.put(BrokerKeys.DATA_DIR, folder.toString());
        values.put(BrokerKeys.PORT, "0");
        values.put("share.coordinator.state.topic.num.partitions", "3");
        values.put("errors.deadletterqueue.auto.create.topics.enable", "true");
        return Millrace.start(BrokerConfig.of(values));
    }

    private Millrace broker() {
        return Objects.requireNonNull(started);
    }

    @AfterEach
    void stop() {
        broker().close();
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker().bootstrapServers()));
    }

    private Uuid createTopic(String name, Map<String, String> configs) throws Exception {
        try (var admin = admin()) {
            return admin.createTopics(List.of(new NewTopic(name, 1, (short) 1).configs(configs)))
                    .topicId(name)
                    .get();
        }
    }

    private void set(String group, String key, String value) throws Exception {
        try (var admin = admin()) {
            var op = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(
                            Map.of(
                                    new ConfigResource(ConfigResource.Type.GROUP, group),
                                    List.of(op)))
                    .all()
                    .get();
        }
    }

    private void produce(int from, int to, String... headers)
            throws ExecutionException, InterruptedException {
        var text = new StringSerializer();
        try (var producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker().bootstrapServers(), "linger.ms", 5),
                        text,
                        text)) {
            for (int i = from; i < to; i++) {
                var record = new ProducerRecord<>("t", "k" + i % 3, "v" + i);
                for (String header : headers) {
                    int split = header.indexOf('=');
                    record.headers()
                            .add(
                                    header.substring(0, split),
                                    header.substring(split + 1).getBytes(StandardCharsets.UTF_8));
                }
                var _ = producer.send(record);
            }
            producer.flush();
        }
    }

    private ShareClient client() throws IOException {
        return new ShareClient(broker().port(), "g", topic).join("t");
    }

    private static List<String> values(List<Delivered> delivered) {
        return delivered.stream().map(Delivered::value).toList();
    }

    private static List<Delivered> fetchAll(ShareClient client, int count) throws IOException {
        var all = new ArrayList<Delivered>();
        for (int i = 0; i < 20 && all.size() < count; i++) {
            all.addAll(client.fetch());
        }
        return all;
    }

    @Test
    void recordsAreSharedBetweenMembersAndDeliveredOnce() throws Exception {
        produce(0, 20);
        try (var one = client();
                var two = client()) {
            one.maxRecords = 1;
            List<Delivered> first = one.fetch();
            List<Delivered> rest = fetchAll(two, 20 - first.size());

            var all = new HashSet<>(values(first));
            all.addAll(values(rest));
            assertThat(all).hasSize(20);
            assertThat(first.size() + rest.size()).isEqualTo(20);
            assertThat(two.fetch()).isEmpty();
        }
    }

    @Test
    void whatIsReleasedOrWhoseHolderLeavesComesAgain() throws Exception {
        produce(0, 1);
        try (var one = client();
                var two = client()) {
            one.fetch();
            assertThat(one.ack(0, 0, RELEASE)).isZero();
            assertThat(one.fetch()).containsExactly(new Delivered(0, "v0", 2));
            one.epoch = -1;
            one.fetchRaw(List.of());

            assertThat(two.fetch()).containsExactly(new Delivered(0, "v0", 3));
            assertThat(two.ack(0, 0, ACCEPT)).isZero();
        }
    }

    @Test
    void aFetchThatWaitsIsWokenByARecord() throws Exception {
        try (var one = client()) {
            one.maxWaitMs = 20_000;
            var sender =
                    new Thread(() -> {
                        try {
                            produce(0, 1);
                        } catch (ExecutionException | InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            one.fetchRaw(List.of());
            sender.start();
            sender.join();
            assertThat(fetchAll(one, 1)).isNotNull();
        }
    }

    @Test
    void countsAndHoldsSurviveARestart() throws Exception {
        produce(0, 4);
        try (var one = client()) {
            assertThat(fetchAll(one, 4)).hasSize(4);
            one.ack(0, 0, ACCEPT);
            one.ack(1, 1, RELEASE);
            broker().close();
        }
        started = startBroker();
        try (var two = client()) {
            assertThat(two.fetch()).containsExactly(new Delivered(1, "v1", 2));
        }
    }

    @Test
    void whatAMemberHeldComesAgainAtOnceWhenItsConnectionEnds() throws Exception {
        produce(0, 1);
        try (var two = client()) {
            try (var one = client()) {
                assertThat(one.fetch()).containsExactly(new Delivered(0, "v0", 1));
                assertThat(two.fetch()).isEmpty();
            }
            two.maxWaitMs = 20_000;

            assertThat(two.fetch()).containsExactly(new Delivered(0, "v0", 2));
        }
    }

    @Test
    void whatAMemberHoldsStaysItsOwnWhenOnlyAnOlderConnectionEnds() throws Exception {
        produce(0, 2);
        UUID id = Uuids.fromWire(topic);
        try (var two = client();
                var newer = new ShareClient(broker().port(), "g", topic)) {
            try (var older = new ShareClient(broker().port(), "g", id, newer.member).join("t")) {
                older.maxRecords = 1;
                older.fetch();
                newer.fetchRaw(List.of());
            }
            assertThat(two.fetch()).isEmpty();
            assertThat(newer.ack(0, 0, ACCEPT)).isZero();
        }
    }

    @Test
    void badSessionsAndAcknowledgementsGetKafkasErrors() throws Exception {
        produce(0, 3);
        try (var one = client();
                var two = client()) {
            two.epoch = 5;
            assertThat(two.fetchRaw(List.of()).errorCode())
                    .isEqualTo(Errors.SHARE_SESSION_NOT_FOUND.code());
            assertThat(two.ack(0, 0, ACCEPT)).isEqualTo(Errors.SHARE_SESSION_NOT_FOUND.code());
            fetchAll(one, 3);
            int good = one.epoch;
            one.epoch = good + 3;
            assertThat(one.fetchRaw(List.of()).errorCode())
                    .isEqualTo(Errors.INVALID_SHARE_SESSION_EPOCH.code());
            one.epoch = good;
            two.epoch = 0;
            two.fetchRaw(List.of());
            assertThat(two.ack(0, 0, ACCEPT)).isEqualTo(Errors.INVALID_RECORD_STATE.code());
            assertThat(one.ack(0, Long.MAX_VALUE, ACCEPT)).isEqualTo(Errors.INVALID_REQUEST.code());
            assertThat(one.ack(0, 1, ACCEPT, ACCEPT, ACCEPT))
                    .isEqualTo(Errors.INVALID_REQUEST.code());
            assertThat(one.ack(0, 0, RENEW)).isEqualTo(Errors.INVALID_REQUEST.code());
            assertThat(one.ackRaw(0, 0, true, RENEW).errorCode()).isZero();
            assertThat(one.ack(0, 2, ACCEPT)).isZero();
            assertThat(one.ack(0, 2, ACCEPT)).isZero();
        }
    }

    @Test
    void rejectedRecordsComeToTheDeadLetterTopicWithTheirWhereabouts() throws Exception {
        set("g", "errors.deadletterqueue.topic.name", "dlq.t");
        set("g", "errors.deadletterqueue.copy.record.enable", "true");
        produce(0, 1, "h=x");
        try (var one = client()) {
            one.fetch();
            assertThat(one.ack(0, 0, REJECT)).isZero();
        }
        var text = new StringDeserializer();
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers",
                        broker().bootstrapServers(),
                        "auto.offset.reset",
                        "earliest");
        try (var admin = admin();
                var consumer = new KafkaConsumer<>(settings, text, text)) {
            Awaitility.await().until(() -> admin.listTopics().names().get().contains("dlq.t"));
            consumer.assign(List.of(new TopicPartition("dlq.t", 0)));
            var letters =
                    new ArrayList<
                            org.apache.kafka.clients.consumer.ConsumerRecord<String, String>>();
            Awaitility.await()
                    .until(() -> {
                        consumer.poll(java.time.Duration.ofMillis(200)).forEach(letters::add);
                        return !letters.isEmpty();
                    });
            var letter = letters.getFirst();
            assertThat(letter.value()).isEqualTo("v0");
            var headers = new HashMap<String, String>();
            letter.headers()
                    .forEach(header ->
                            headers.put(
                                    header.key(),
                                    new String(header.value(), StandardCharsets.UTF_8)));
            assertThat(headers)
                    .containsEntry("h", "x")
                    .containsEntry("__dlq.errors.topic", "t")
                    .containsEntry("__dlq.errors.partition", "0")
                    .containsEntry("__dlq.errors.offset", "0")
                    .containsEntry("__dlq.errors.group", "g")
                    .containsEntry("__dlq.errors.delivery.count", "1")
                    .containsKey("__dlq.errors.message");
        }
    }

    @Test
    void headersDelayOrderAndPrioritize() throws Exception {
        set("g", "millrace.queue.headers.enable", "true");
        set("g", "millrace.queue.order", "key");
        set("g", "millrace.queue.priorities", "3");
        produce(0, 1, "millrace.deliver-after=PT8S");
        produce(3, 5);
        produce(6, 7);
        produce(8, 9, "millrace.priority=2", "millrace.ttl=0");
        try (var one = client()) {
            assertThat(values(fetchAll(one, 2))).containsExactly("v3", "v4");
            one.ack(1, 2, ACCEPT);
            var rest = new ArrayList<String>();
            for (int i = 0; i < 60 && rest.size() < 2; i++) {
                List<Delivered> got = one.fetch();
                rest.addAll(values(got));
                for (Delivered each : got) {
                    one.ack(each.offset(), each.offset(), ACCEPT);
                }
            }
            assertThat(rest).containsExactly("v6", "v0");
        }
    }

    @Test
    void aPausedGroupGetsNothingUntilItIsResumed() throws Exception {
        set("g", "millrace.queue.paused", "true");
        produce(0, 1);
        try (var one = client()) {
            assertThat(one.fetch()).isEmpty();
            set("g", "millrace.queue.paused", "false");
            assertThat(fetchAll(one, 1)).hasSize(1);
        }
    }

    @Test
    void aGroupThatReadsCommittedGetsNoAbortedRecords() throws Exception {
        set("g", "share.isolation.level", "read_committed");
        var text = new StringSerializer();
        try (var producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                broker().bootstrapServers(),
                                "transactional.id",
                                "x"),
                        text,
                        text)) {
            producer.initTransactions();
            for (String end : List.of("abort", "commit", "abort", "commit")) {
                producer.beginTransaction();
                producer.send(new ProducerRecord<>("t", "k", end)).get();
                if (end.equals("abort")) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
        try (var one = client()) {
            assertThat(values(fetchAll(one, 2))).containsExactly("commit", "commit");
            assertThat(one.fetch()).isEmpty();
        }
    }

    @Test
    void aGroupsSettingsTellWhatItsQueuesLookLike() throws Exception {
        produce(0, 3);
        try (var one = client();
                var admin = admin()) {
            fetchAll(one, 3);
            one.ack(0, 0, ACCEPT);
            one.ack(1, 1, RELEASE);
            var group = new ConfigResource(ConfigResource.Type.GROUP, "g");
            var configs =
                    Objects.requireNonNull(
                            admin.describeConfigs(List.of(group)).all().get().get(group));
            ConfigEntry status = configs.get("millrace.queue.status");
            assertThat(status.isReadOnly()).isTrue();
            assertThat(status.value())
                    .contains("\"topic\":\"t\",\"partition\":0,\"start\":1,\"end\":3,\"logEnd\":3")
                    .contains("\"available\":1,\"acquired\":1")
                    .contains("\"member\":\"" + one.member);
        }
    }

    @Test
    void offsetsAreDescribedAlteredAndDeleted() throws Exception {
        produce(0, 5);
        try (var one = client();
                var admin = admin()) {
            fetchAll(one, 5);
            one.ack(0, 1, ACCEPT);
            var partition = new TopicPartition("t", 0);
            var spec = new org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec();
            var info =
                    Objects.requireNonNull(
                            admin.listShareGroupOffsets(Map.of("g", spec))
                                    .partitionsToOffsetInfo("g")
                                    .get()
                                    .get(partition));
            assertThat(info.startOffset()).isEqualTo(2);
            assertThat(info.lag()).hasValue(3L);
            assertThatThrownBy(() ->
                            admin.alterShareGroupOffsets("g", Map.of(partition, 4L)).all().get())
                    .hasCauseInstanceOf(GroupNotEmptyException.class);
            one.leave();
            admin.alterShareGroupOffsets("g", Map.of(partition, 4L)).all().get();
            assertThat(values(fetchAll(one, 1))).containsExactly("v4");
            admin.deleteShareGroupOffsets("g", Set.of("t")).all().get();
            one.join("t");
            assertThat(fetchAll(one, 5)).hasSize(5);
        }
    }

    @Test
    void offsetsMayBeSetBeforeAnyoneHasJoined() throws Exception {
        produce(0, 5);
        var start = Map.of(new TopicPartition("t", 0), 4L);
        try (var admin = admin();
                var one = new ShareClient(broker().port(), "g", topic)) {
            admin.alterShareGroupOffsets("g", start).all().get();
            assertThat(values(fetchAll(one.join("t"), 1))).containsExactly("v4");
        }
    }

    /** Offsets of a batch. */
    private record Span(long first, long last) {}

    /** Makes the batch that holds an offset one that cannot be read. */
    private Span spoil(long offset) throws IOException {
        Path segment = folder.resolve("t-0").resolve("00000000000000000000.log");
        try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
            var bytes = ByteBuffer.allocate((int) file.length());
            file.getChannel().read(bytes, 0);
            var view = new RecordBatchView().wrap(bytes, 0);
            while (view.lastOffset() < offset) {
                view.wrap(bytes, view.position() + view.sizeBytes());
            }
            int at = view.position() + MAGIC_AT;
            file.seek(at);
            file.write(bytes.get(at) ^ 1);
            return new Span(view.baseOffset(), view.lastOffset());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aQueuePassesOverWhatIsCorruptAndServesWhatLiesBeforeAndAfter(boolean deliveredBefore)
            throws Exception {
        produce(0, 10);
        produce(10, 20);
        produce(20, 30);
        if (deliveredBefore) {
            try (var one = client()) {
                assertThat(fetchAll(one, 30)).hasSize(30);
                assertThat(one.ack(0, 29, RELEASE)).isZero();
            }
        }
        broker().close();
        Span lost = spoil(15);
        started = startBroker();
        var left = new ArrayList<Long>();
        for (long offset = 0; offset < 30; offset++) {
            if (offset < lost.first() || offset > lost.last()) {
                left.add(offset);
            }
        }
        try (var two = client()) {
            List<Delivered> got = fetchAll(two, left.size());

            assertThat(got).extracting(Delivered::offset).containsExactlyElementsOf(left);
            var then = two.fetchRaw(List.of()).responses();
            assertThat(then).isEmpty();
        }
    }
}
