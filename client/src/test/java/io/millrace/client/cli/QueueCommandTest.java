package io.millrace.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.Millrace;
import io.millrace.broker.config.BrokerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code millrace queue} prints about a broker in this process. */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
final class QueueCommandTest {
    private static final String LETTERS = "errors.deadletterqueue.topic.name";
    private static final long PATIENCE_MS = 60_000;
    private static final int WRONG_USE = 2;

    private @Nullable Millrace started;
    private @Nullable Admin client;

    private record Result(int code, String out, String err) {
        /** The lines of the output, blanks between columns made one. */
        List<String> lines() {
            return out.lines().map(line -> line.replaceAll(" {2,}", "|")).toList();
        }
    }

    @BeforeAll
    void start(@TempDir Path folder) {
        started =
                Millrace.start(
                        BrokerConfig.of(
                                Map.of(
                                        "log.dirs", folder.toString(),
                                        "millrace.port", "0",
                                        "millrace.durability", "os",
                                        "share.coordinator.state.topic.num.partitions", "3",
                                        "errors.deadletterqueue.auto.create.topics.enable",
                                                "true")));
        client = Admin.create(Map.of("bootstrap.servers", server()));
    }

    @AfterAll
    void stop() {
        admin().close();
        broker().close();
    }

    private Millrace broker() {
        return Objects.requireNonNull(started);
    }

    private Admin admin() {
        return Objects.requireNonNull(client);
    }

    private String server() {
        return broker().bootstrapServers();
    }

    private Result queue(String... args) {
        var all = new ArrayList<>(List.of("queue"));
        all.addAll(List.of(args));
        return run(server(), all);
    }

    private static Result run(String server, List<String> args) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line =
                MillraceCli.commandLine(Map.of("MILLRACE_BOOTSTRAP_SERVER", server))
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err));
        int code = line.execute(args.toArray(String[]::new));
        line.getOut().flush();
        line.getErr().flush();
        return new Result(code, out.toString(), err.toString());
    }

    /** Makes a topic of one partition with so many records, and has its group begin with them. */
    private void prepare(String topic, String group, int records) throws Exception {
        admin().createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        set(group, "share.auto.offset.reset", "earliest");
        var text = new StringSerializer();
        try (var producer =
                new KafkaProducer<>(Map.of("bootstrap.servers", server()), text, text)) {
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i)).get();
            }
        }
    }

    private void set(String group, String key, String value) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        var change = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        admin().incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
    }

    private KafkaShareConsumer<String, String> consumer(String topic, String group) {
        var text = new StringDeserializer();
        var consumer =
                new KafkaShareConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                server(),
                                "group.id",
                                group,
                                "share.acknowledgement.mode",
                                "explicit"),
                        text,
                        text);
        consumer.subscribe(List.of(topic));
        return consumer;
    }

    private static List<ConsumerRecord<String, String>> poll(
            KafkaShareConsumer<String, String> consumer, int count) {
        var all = new ArrayList<ConsumerRecord<String, String>>();
        long end = System.currentTimeMillis() + PATIENCE_MS;
        while (all.size() < count && System.currentTimeMillis() < end) {
            consumer.poll(Duration.ofMillis(200)).forEach(all::add);
        }
        assertThat(all).hasSize(count);
        return all;
    }

    /** The group takes all records, accepts the first, rejects the second and holds the rest. */
    private KafkaShareConsumer<String, String> work(String topic, String group, int records) {
        var consumer = consumer(topic, group);
        var taken = poll(consumer, records);
        consumer.acknowledge(taken.get(0), AcknowledgeType.ACCEPT);
        consumer.acknowledge(taken.get(1), AcknowledgeType.REJECT);
        consumer.commitSync();
        return consumer;
    }

    @Test
    void aQueueIsListedAndDescribedWithWhatIsHeld() throws Exception {
        prepare("listed", "workers", 4);
        try (var consumer = work("listed", "workers", 4)) {
            assertThat(consumer.subscription()).containsExactly("listed");
            assertThat(queue("list").lines())
                    .startsWith("QUEUE|LEFT|IN FLIGHT|WAITING|DEAD|PAUSED")
                    .anyMatch(line -> line.matches("workers\\| *2\\| *2\\| *0\\| *0\\|false"));
            assertThat(queue("list", "-o", "json").out())
                    .contains("\"queue\" : \"workers\"", "\"in_flight\" : 2");
            assertThat(queue("describe", "workers").lines())
                    .first()
                    .isEqualTo(
                            "TOPIC|PARTITION|START|LEFT|AVAILABLE|IN FLIGHT|RESTING|WAITING|DEAD"
                                    + "|NEXT DUE");
            assertThat(queue("describe", "workers").lines())
                    .element(1)
                    .asString()
                    .matches("listed\\| *0\\| *2\\| *2\\| *0\\| *2\\| *0\\| *0\\| *0\\|.*");
            assertThat(queue("describe", "workers", "--records").lines())
                    .hasSize(3)
                    .anyMatch(line ->
                            line.matches("listed\\| *0\\| *3\\|acquired\\| *1\\|.+\\|20.+Z"));
            assertThat(queue("peek", "workers", "-n", "2").lines())
                    .containsExactly(
                            "TOPIC|PARTITION|OFFSET|STATE|KEY|VALUE",
                            "listed|0|2|acquired|k2|v2",
                            "listed|0|3|acquired|k3|v3");
        }
    }

    @Test
    void deadLettersAreShownAndSentAgainOnce() throws Exception {
        prepare("orders", "billing", 2);
        set("billing", LETTERS, "dlq.orders");
        set("billing", "errors.deadletterqueue.copy.record.enable", "true");
        work("orders", "billing", 2).close();

        Result shown = awaitLetter("billing");

        assertThat(shown.lines().get(0))
                .isEqualTo("OFFSET|TOPIC|PARTITION|AT|DELIVERIES|WHY|VALUE");
        assertThat(shown.lines().get(1)).startsWith("0/0|orders|").endsWith("|v1");
        assertThat(queue("redrive", "billing").out())
                .startsWith("1 dead letters would be sent again: add --execute");
        assertThat(queue("redrive", "billing", "--execute").out())
                .startsWith("Sent 1 dead letters again; 0 are not there any more.");
        assertThat(queue("redrive", "billing").out()).startsWith("0 dead letters");
        assertThat(admin().listGroups().all().get())
                .as("what would expire")
                .noneMatch(group -> group.groupId().startsWith("billing."));
        assertThat(queue("redrive", "billing", "--execute").out()).startsWith("Sent 0 dead");
        try (var consumer = consumer("orders", "billing")) {
            var again = poll(consumer, 1).get(0);
            assertThat(again.value()).isEqualTo("v1");
            assertThat(again.offset()).isEqualTo(2);
            consumer.acknowledge(again, AcknowledgeType.ACCEPT);
            consumer.commitSync();
        }
    }

    private Result awaitLetter(String group) throws InterruptedException {
        long end = System.currentTimeMillis() + PATIENCE_MS;
        Result shown = queue("dlq", group);
        while (shown.lines().size() < 2 && System.currentTimeMillis() < end) {
            Thread.onSpinWait();
            shown = queue("dlq", group);
        }
        assertThat(shown.lines()).as(shown.err()).hasSize(2);
        return shown;
    }

    @Test
    void aPausedQueueSaysSoAndHandsOutNothingUntilItIsResumed() throws Exception {
        prepare("slow", "sleepers", 1);

        assertThat(queue("pause", "sleepers").lines())
                .containsExactly(
                        "millrace.queue.paused=true for sleepers",
                        "There is no queue sleepers yet: it begins with this setting.");
        try (var consumer = consumer("slow", "sleepers")) {
            for (int i = 0; i < 5; i++) {
                assertThat(consumer.poll(Duration.ofMillis(200)).count()).isZero();
            }
            assertThat(queue("list").lines())
                    .anyMatch(line -> line.matches("sleepers\\|.*\\|true"));
            assertThat(queue("resume", "sleepers").lines())
                    .containsExactly("millrace.queue.paused=false for sleepers");
            var taken = poll(consumer, 1).get(0);
            consumer.acknowledge(taken, AcknowledgeType.ACCEPT);
            consumer.commitSync();
        }
    }

    @Test
    void aQueueThatIsNotThereIsAFailureThatNamesIt() {
        for (var command : List.of("describe", "peek", "dlq", "redrive")) {
            Result result = queue(command, "nobody");

            assertThat(result.code()).as(command).isEqualTo(1);
            assertThat(result.out()).isEmpty();
            assertThat(result.err().strip())
                    .isEqualTo(
                            "millrace: there is no queue nobody: 'millrace queue list' names all");
        }
    }

    @Test
    void aQueueWithoutDeadLettersSaysWhatToSet() throws Exception {
        prepare("plain", "plain-group", 2);
        work("plain", "plain-group", 2).close();

        for (var command : List.of("dlq", "redrive")) {
            Result result = queue(command, "plain-group");

            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err().strip())
                    .isEqualTo(
                            "millrace: the group plain-group has no dead-letter topic: set "
                                    + LETTERS);
        }
    }

    /** Looking for the partitions of such a topic would make it. */
    @Test
    void aDeadLetterTopicThatIsNotThereYetIsEmptyAndIsNotMadeByLooking() throws Exception {
        set("early", LETTERS, "dlq.early");

        assertThat(queue("dlq", "early").lines()).hasSize(1);
        assertThat(queue("redrive", "early", "--execute").out()).startsWith("Sent 0 dead letters");
        assertThat(admin().listTopics().names().get()).doesNotContain("dlq.early");
    }

    @Test
    void anUnreachableBrokerIsOneLineAndWrongUseIsSaidFirst() throws IOException {
        String closed;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = "127.0.0.1:" + socket.getLocalPort();
        }

        for (var command :
                List.of("list", "describe", "peek", "dlq", "redrive", "pause", "resume")) {
            var args =
                    command.equals("list")
                            ? List.of("queue", command)
                            : List.of("queue", command, "g");
            Result result = run(closed, args);

            assertThat(result.code()).as(command).isEqualTo(1);
            assertThat(result.err())
                    .startsWith("millrace: no broker to be reached: " + closed)
                    .hasLineCount(1);
        }
        Result wrong = run(closed, List.of("queue", "peek", "g", "-n", "0"));
        assertThat(wrong.code()).isEqualTo(WRONG_USE);
        assertThat(wrong.err().strip()).isEqualTo("millrace: --max-messages is at least 1, not 0");
    }
}
