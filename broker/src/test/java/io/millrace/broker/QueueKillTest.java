package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.ShareClient.Delivered;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a queue has answered survives the death of its process, which gets no time to say so. */
@Timeout(120)
final class QueueKillTest {
    private static final int ACCEPT = 1;
    private static final int RELEASE = 2;
    private static final Pattern READY = Pattern.compile("ready on [^:]+:(\\d+)");

    @TempDir Path folder = Path.of("unset");
    private @Nullable Process process;
    private int port;

    private void launch() throws IOException {
        var command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "start",
                        "--data-dir",
                        folder.resolve("data").toString(),
                        "--port",
                        "0",
                        "-c",
                        "share.coordinator.state.topic.num.partitions=2");
        Process started =
                new ProcessBuilder(command)
                        .redirectError(folder.resolve("broker.log").toFile())
                        .start();
        process = started;
        var out =
                new BufferedReader(
                        new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
        Matcher ready = READY.matcher(Objects.requireNonNull(out.readLine(), "it did not start"));
        assertThat(ready.find()).as("says where it is").isTrue();
        port = Integer.parseInt(ready.group(1));
    }

    @AfterEach
    void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    private Uuid prepare() throws Exception {
        Map<String, Object> bootstrap = Map.of("bootstrap.servers", "127.0.0.1:" + port);
        Uuid topic;
        try (var admin = Admin.create(bootstrap)) {
            topic = admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).topicId("t").get();
            var group = new ConfigResource(ConfigResource.Type.GROUP, "g");
            var earliest = new ConfigEntry("share.auto.offset.reset", "earliest");
            var shortLock = new ConfigEntry("share.record.lock.duration.ms", "15000");
            admin.incrementalAlterConfigs(
                            Map.of(
                                    group,
                                    List.of(
                                            new AlterConfigOp(earliest, AlterConfigOp.OpType.SET),
                                            new AlterConfigOp(
                                                    shortLock, AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
        var text = new StringSerializer();
        try (var producer = new KafkaProducer<>(bootstrap, text, text)) {
            for (int i = 0; i < 6; i++) {
                producer.send(new ProducerRecord<>("t", "k", "v" + i)).get();
            }
        }
        return topic;
    }

    private static List<Delivered> fetch(ShareClient client, int count) throws IOException {
        var all = new ArrayList<Delivered>();
        for (int i = 0; i < 20 && all.size() < count; i++) {
            all.addAll(client.fetch());
        }
        return all;
    }

    @Test
    void whatIsHeldAcceptedAndCountedSurvivesKill9() throws Exception {
        launch();
        Uuid topic = prepare();
        try (var one = new ShareClient(port, "g", topic).join("t")) {
            assertThat(fetch(one, 6)).hasSize(6);
            assertThat(one.ack(0, 1, ACCEPT)).isZero();
            assertThat(one.ack(2, 3, RELEASE)).isZero();
            assertThat(fetch(one, 2))
                    .containsExactly(new Delivered(2, "v2", 2), new Delivered(3, "v3", 2));
            assertThat(one.ack(3, 3, RELEASE)).isZero();
            kill();
        }
        launch();

        try (var two = new ShareClient(port, "g", topic).join("t")) {
            // 0 and 1 are done; 2, 4 and 5 are still held, by a member whose lock goes on.
            assertThat(fetch(two, 1)).containsExactly(new Delivered(3, "v3", 3));
            assertThat(two.ack(3, 3, ACCEPT)).isZero();
            assertThat(two.ack(4, 4, ACCEPT)).isPositive();

            var rest = new ArrayList<Delivered>();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> {
                        rest.addAll(two.fetch());
                        return rest.size() >= 3;
                    });
            assertThat(rest)
                    .containsExactlyInAnyOrder(
                            new Delivered(2, "v2", 3),
                            new Delivered(4, "v4", 2),
                            new Delivered(5, "v5", 2));
        }
    }
}
