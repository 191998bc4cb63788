package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What share consumers are told that ask for what makes no sense. The same is asked of Apache Kafka
 * where {@code -Dmillrace.oracle.port} names one: these codes are its own.
 */
@Timeout(90)
final class ShareErrorsTest {
    private static final int ORACLE = Integer.getInteger("millrace.oracle.port", -1);
    private static final int ACCEPT = 1;
    private static final int RELEASE = 2;

    @TempDir Path folder = Path.of("unset");
    private @Nullable Millrace started;
    private int port;
    private Uuid topic = Uuid.ZERO_UUID;
    private final String name = "t" + UUID.randomUUID();
    private final String group = "g" + UUID.randomUUID();

    @BeforeEach
    void start() throws Exception {
        if (ORACLE < 0) {
            var values = Map.of(BrokerKeys.DATA_DIR, folder.toString(), BrokerKeys.PORT, "0");
            started = Millrace.start(BrokerConfig.of(values));
            port = started.port();
        } else {
            port = ORACLE;
        }
        Map<String, Object> bootstrap = Map.of("bootstrap.servers", "127.0.0.1:" + port);
        try (var admin = Admin.create(bootstrap)) {
            topic =
                    admin.createTopics(List.of(new NewTopic(name, 1, (short) 1)))
                            .topicId(name)
                            .get();
            var earliest = new ConfigEntry("share.auto.offset.reset", "earliest");
            admin.incrementalAlterConfigs(
                            Map.of(
                                    new ConfigResource(ConfigResource.Type.GROUP, group),
                                    List.of(new AlterConfigOp(earliest, AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
        var text = new StringSerializer();
        try (var producer = new KafkaProducer<>(bootstrap, text, text)) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>(name, "k", "v" + i)).get();
            }
        }
    }

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    private ShareClient client() throws IOException {
        return new ShareClient(port, group, topic).join(name);
    }

    /** A member that holds all ten records. */
    private ShareClient holder() throws IOException {
        ShareClient client = client();
        Awaitility.await().until(() -> !client.fetch().isEmpty());
        return client;
    }

    private static Errors ack(ShareClient client, long first, long last, int... types)
            throws IOException {
        return Errors.forCode((short) client.ack(first, last, types));
    }

    @Test
    void aSessionThatIsNotThereIsNotFound() throws IOException {
        try (var client = client()) {
            client.epoch = 5;

            assertThat(Errors.forCode(client.fetchRaw(List.of()).errorCode()))
                    .isEqualTo(Errors.SHARE_SESSION_NOT_FOUND);
            assertThat(ack(client, 0, 0, ACCEPT)).isEqualTo(Errors.SHARE_SESSION_NOT_FOUND);
        }
    }

    @Test
    void staleAndFutureEpochsOfASessionAreRefused() throws IOException {
        try (var client = holder()) {
            client.maxWaitMs = 1;
            client.fetch();
            int next = client.epoch;
            for (int wrong : new int[] {next - 1, next + 1, Integer.MAX_VALUE}) {
                client.epoch = wrong;
                assertThat(Errors.forCode(client.fetchRaw(List.of()).errorCode()))
                        .isEqualTo(Errors.INVALID_SHARE_SESSION_EPOCH);
                assertThat(ack(client, 0, 0, ACCEPT)).isEqualTo(Errors.INVALID_SHARE_SESSION_EPOCH);
            }
            client.epoch = next;
            assertThat(ack(client, 0, 0, ACCEPT)).isEqualTo(Errors.NONE);
        }
    }

    @Test
    void anAcknowledgementDoesNotOpenASession() throws IOException {
        try (var client = client()) {
            assertThat(ack(client, 0, 0, ACCEPT)).isEqualTo(Errors.INVALID_SHARE_SESSION_EPOCH);
        }
    }

    @Test
    void whatIsNotHeldCannotBeAcknowledged() throws IOException {
        try (var client = holder()) {
            assertThat(ack(client, 10, 10, ACCEPT)).isEqualTo(Errors.INVALID_REQUEST);
            assertThat(ack(client, 5, 15, ACCEPT)).isEqualTo(Errors.INVALID_REQUEST);
            assertThat(ack(client, 3, 3, RELEASE)).isEqualTo(Errors.NONE);
            assertThat(ack(client, 3, 3, ACCEPT)).isEqualTo(Errors.INVALID_RECORD_STATE);
        }
    }

    @Test
    void whatIsAcceptedCannotBeAcknowledgedAgain() throws IOException {
        try (var client = holder()) {
            assertThat(ack(client, 4, 6, ACCEPT)).isEqualTo(Errors.NONE);
            assertThat(ack(client, 4, 6, ACCEPT)).isEqualTo(Errors.INVALID_RECORD_STATE);
            assertThat(ack(client, 3, 5, ACCEPT)).isEqualTo(Errors.INVALID_RECORD_STATE);
            assertThat(ack(client, 3, 3, ACCEPT)).isEqualTo(Errors.NONE);
        }
    }

    @Test
    void whatAnotherHoldsCannotBeAcknowledged() throws IOException {
        try (var holder = holder();
                var other = client()) {
            other.fetch();

            assertThat(ack(other, 0, 0, ACCEPT)).isEqualTo(Errors.INVALID_RECORD_STATE);
            assertThat(ack(holder, 0, 0, ACCEPT)).isEqualTo(Errors.NONE);
        }
    }

    @Test
    void rangesThatMakeNoSenseAreRefused() throws IOException {
        try (var client = holder()) {
            assertThat(ack(client, 5, 4, ACCEPT)).isEqualTo(Errors.INVALID_REQUEST);
            assertThat(ack(client, 0, 2, ACCEPT, ACCEPT)).isEqualTo(Errors.INVALID_REQUEST);
            assertThat(ack(client, 0, 0, 9)).isEqualTo(Errors.INVALID_REQUEST);
            assertThat(ack(client, 0, 0)).isEqualTo(Errors.INVALID_REQUEST);
        }
    }

    @Test
    void namedOffsetsOfAGroupThatIsNotThereAreUnknown() throws Exception {
        String none = "g" + UUID.randomUUID();
        var place = new TopicPartition(name, 0);
        var named = new ListShareGroupOffsetsSpec().topicPartitions(List.of(place));
        try (var admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            assertThat(
                            admin.listShareGroupOffsets(Map.of(none, named))
                                    .partitionsToOffsetInfo(none)
                                    .get())
                    .containsOnlyKeys(place)
                    .containsValue(null);
        }
    }
}
