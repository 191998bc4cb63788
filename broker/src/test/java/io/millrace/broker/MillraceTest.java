package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MillraceTest {
    @TempDir Path folder = Path.of("unset");

    private BrokerConfig config(String... more) {
        var values = new HashMap<String, String>();
        values.put(BrokerKeys.DATA_DIR, folder.toString());
        values.put(BrokerKeys.PORT, "0");
        values.put("group.initial.rebalance.delay.ms", "0");
        for (String each : more) {
            values.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
        }
        return BrokerConfig.of(values);
    }

    private static void send(Millrace broker, String topic, int from, int to)
            throws ExecutionException, InterruptedException {
        var text = new StringSerializer();
        try (var producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers()), text, text)) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i)).get();
            }
        }
    }

    private static List<String> receive(Millrace broker, String topic, String group, int count) {
        var text = new StringDeserializer();
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "group.id",
                        group,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        "false");
        var values = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(settings, text, text)) {
            consumer.subscribe(List.of(topic));
            for (int polls = 0; polls < 200 && values.size() < count; polls++) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
            consumer.commitSync();
        }
        return values;
    }

    @Test
    void manyBytesAreReadBackAsTheyWereSent() throws ExecutionException, InterruptedException {
        try (var broker = Millrace.start(config())) {
            var text = new StringSerializer();
            var sent = new ArrayList<String>();
            try (var producer =
                    new KafkaProducer<>(
                            Map.of("bootstrap.servers", broker.bootstrapServers()), text, text)) {
                for (int i = 0; i < 600; i++) {
                    sent.add(Integer.toString(i).repeat(2_000));
                    var _ = producer.send(new ProducerRecord<>("many", sent.getLast()));
                }
            }

            assertThat(receive(broker, "many", "readers", sent.size())).isEqualTo(sent);
        }
    }

    @Test
    void recordsAndCommitsSurviveARestart() throws ExecutionException, InterruptedException {
        try (var broker = Millrace.start(config())) {
            send(broker, "t", 0, 20);
            assertThat(receive(broker, "t", "g", 20)).hasSize(20);
        }
        try (var broker = Millrace.start(config())) {
            send(broker, "t", 20, 25);
            assertThat(receive(broker, "t", "g", 5))
                    .containsExactly("v20", "v21", "v22", "v23", "v24");
            assertThat(receive(broker, "t", "other", 25)).hasSize(25);
        }
    }

    @Test
    void aTopicThatIsDeletedAndMadeAgainIsEmpty() throws ExecutionException, InterruptedException {
        try (var broker = Millrace.start(config("millrace.durability=os"));
                var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            send(broker, "t", 0, 5);
            admin.deleteTopics(List.of("t")).all().get();
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            send(broker, "t", 5, 6);
            assertThat(receive(broker, "t", "g", 1)).containsExactly("v5");
        }
    }

    @Test
    void aBitThatFlipsWhileTheBrokerRunsIsFoundAndOnlyThatBatchIsRefused()
            throws ExecutionException, InterruptedException, IOException {
        try (var broker =
                Millrace.start(
                        config("millrace.verify.interval.ms=1000", "log.segment.bytes=1024"))) {
            send(broker, "t", 0, 60);
            Path segment = folder.resolve("t-0").resolve("00000000000000000000.log");
            try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
                file.seek(70);
                int before = file.read();
                file.seek(70);
                file.write(before ^ 1);
            }
            Map<String, Object> settings =
                    Map.of("bootstrap.servers", broker.bootstrapServers(), "check.crcs", "false");
            var text = new StringDeserializer();
            var first = new TopicPartition("t", 0);
            try (var consumer = new KafkaConsumer<>(settings, text, text)) {
                consumer.assign(List.of(first));
                Awaitility.await()
                        .untilAsserted(() -> {
                            consumer.seek(first, 0);
                            assertThatThrownBy(() -> consumer.poll(Duration.ofMillis(300)))
                                    .isInstanceOf(KafkaException.class)
                                    .hasMessageContaining("corrupt");
                        });
                consumer.seek(first, 1);
                assertThat(consumer.poll(Duration.ofSeconds(5)).iterator().next().offset())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void aSecondBrokerInTheSameFolderIsRefused() {
        try (var broker = Millrace.start(config())) {
            assertThat(broker.port()).isPositive();
            assertThatThrownBy(() -> Millrace.start(config()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void aTakenPortIsRefusedInOneLine() {
        try (var broker = Millrace.start(config())) {
            var other =
                    BrokerConfig.of(
                            Map.of(
                                    BrokerKeys.DATA_DIR, folder.resolve("other").toString(),
                                    BrokerKeys.PORT, Integer.toString(broker.port())));
            assertThatThrownBy(() -> Millrace.start(other))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("--port");
        }
    }

    @Test
    void aFileInPlaceOfTheFolderIsRefusedInOneLine() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        var misplaced =
                BrokerConfig.of(Map.of(BrokerKeys.DATA_DIR, file.toString(), BrokerKeys.PORT, "0"));

        assertThatThrownBy(() -> Millrace.start(misplaced))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(file.toString(), "not a folder", "--data-dir")
                .message()
                .hasLineCount(1);
    }

    @Test
    void aFolderOfAnotherNodeIsRefused() {
        Millrace.start(config()).close();

        assertThatThrownBy(() -> Millrace.start(config("node.id=7")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("belongs to node 1");
    }
}
