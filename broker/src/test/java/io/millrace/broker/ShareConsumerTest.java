package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own share consumer against a broker in this process. */
@Timeout(120)
final class ShareConsumerTest {
    private static final long PATIENCE_MS = 60_000;

    @TempDir Path folder = Path.of("unset");
    private @Nullable Millrace started;

    @BeforeEach
    void start() throws Exception {
        started = startBroker("0");
        try (var admin = admin()) {
            admin.createTopics(List.of(new NewTopic("t", 2, (short) 1))).all().get();
            var group = new ConfigResource(ConfigResource.Type.GROUP, "g");
            var earliest =
                    new AlterConfigOp(
                            new ConfigEntry("share.auto.offset.reset", "earliest"),
                            AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(group, List.of(earliest))).all().get();
        }
    }

    private Millrace startBroker(String port) {
        return Millrace.start(
                BrokerConfig.of(
                        Map.of(
                                BrokerKeys.DATA_DIR,
                                folder.toString(),
                                BrokerKeys.PORT,
                                port,
                                "share.coordinator.state.topic.num.partitions",
                                "3")));
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

    private void produce(int from, int to) {
        var text = new StringSerializer();
        try (var producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker().bootstrapServers()), text, text)) {
            for (int i = from; i < to; i++) {
                var _ = producer.send(new ProducerRecord<>("t", i % 2, "k" + i, "v" + i));
            }
            producer.flush();
        }
    }

    private KafkaShareConsumer<String, String> consumer(String mode) {
        var text = new StringDeserializer();
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", broker().bootstrapServers());
        settings.put("group.id", "g");
        settings.put("share.acknowledgement.mode", mode);
        var consumer = new KafkaShareConsumer<>(settings, text, text);
        consumer.subscribe(List.of("t"));
        return consumer;
    }

    private static List<ConsumerRecord<String, String>> poll(
            KafkaShareConsumer<String, String> consumer, int count) {
        var all = new ArrayList<ConsumerRecord<String, String>>();
        long end = System.currentTimeMillis() + PATIENCE_MS;
        while (all.size() < count && System.currentTimeMillis() < end) {
            consumer.poll(Duration.ofMillis(200)).forEach(all::add);
        }
        return all;
    }

    @Test
    void twoImplicitConsumersShareEverythingOnce() {
        produce(0, 100);
        try (var one = consumer("implicit");
                var two = consumer("implicit")) {
            var seen = new ArrayList<String>();
            long end = System.currentTimeMillis() + PATIENCE_MS;
            while (seen.size() < 100 && System.currentTimeMillis() < end) {
                one.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
                two.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
            }
            one.commitSync();
            two.commitSync();
            assertThat(seen).hasSize(100).doesNotHaveDuplicates();
        }
    }

    @Test
    void anExplicitConsumerAcceptsReleasesRenewsAndRejects() {
        produce(0, 4);
        try (var one = consumer("explicit")) {
            var records = new ArrayList<>(poll(one, 1));
            while (records.size() < 4) {
                records.forEach(record -> one.acknowledge(record, AcknowledgeType.RENEW));
                one.commitSync();
                one.poll(Duration.ofMillis(200)).forEach(records::add);
                if (records.size() > 4) {
                    break;
                }
            }
            var values = new TreeSet<String>();
            records.forEach(record -> values.add(record.value()));
            assertThat(values).containsExactly("v0", "v1", "v2", "v3");
        }
    }

    @Test
    void whatIsReleasedComesBackWithItsCountAndRejectedDoesNot() {
        produce(0, 4);
        try (var one = consumer("explicit")) {
            var counts = new HashMap<String, Integer>();
            int accepted = 0;
            long end = System.currentTimeMillis() + PATIENCE_MS;
            while (accepted < 3 && System.currentTimeMillis() < end) {
                for (var record : one.poll(Duration.ofMillis(200))) {
                    int count = record.deliveryCount().orElse((short) 0);
                    counts.merge(record.value(), count, Math::max);
                    if (record.value().equals("v0")) {
                        one.acknowledge(record, AcknowledgeType.REJECT);
                    } else if (count == 1) {
                        one.acknowledge(record, AcknowledgeType.RELEASE);
                    } else {
                        one.acknowledge(record, AcknowledgeType.ACCEPT);
                        accepted++;
                    }
                }
                one.commitSync();
            }
            assertThat(counts)
                    .containsExactlyInAnyOrderEntriesOf(Map.of("v0", 1, "v1", 2, "v2", 2, "v3", 2));
            assertThat(one.poll(Duration.ofMillis(500)).count()).isZero();
        }
    }

    @Test
    void aConsumerGoesOnAfterARestartOfTheBroker() {
        produce(0, 10);
        try (var one = consumer("implicit")) {
            var seen = new ArrayList<String>();
            poll(one, 10).forEach(record -> seen.add(record.value()));
            one.commitSync();
            String port = Integer.toString(broker().port());
            broker().close();
            started = startBroker(port);
            produce(10, 20);
            poll(one, 10).forEach(record -> seen.add(record.value()));
            assertThat(seen).hasSize(20).doesNotHaveDuplicates();
        }
    }
}
