import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A word count of Kafka Streams, exactly once, whose process is killed in the middle: every count
 * is passed once, in order, and the last ones are right. Usage: StreamsCases HOST:PORT
 * WORD_COUNT_CLASSES
 */
public final class StreamsCases {
    private static final int LINES = 600;
    private static final List<String> WORDS = List.of("log", "broker", "offset", "epoch");
    private static final int PATIENCE_S = 60;
    private static final short REPLICAS =
            Short.parseShort(System.getenv().getOrDefault("MILLRACE_CASE_NODES", "1"));

    private final String bootstrap;
    private final String classPath;

    private StreamsCases(String bootstrap, String classPath) {
        this.bootstrap = bootstrap;
        this.classPath = classPath;
    }

    public static void main(String[] args) {
        StreamsCases cases = new StreamsCases(args[0], args[1]);
        boolean passed = cases.passes("streams-classic", "classic");
        passed &= cases.passes("streams-protocol", "streams");
        System.out.println("DONE");
        System.exit(passed ? 0 : 1);
    }

    private boolean passes(String id, String protocol) {
        String failure = null;
        try {
            run(id + "-" + UUID.randomUUID().toString().substring(0, 8), protocol);
        } catch (Exception | AssertionError e) {
            failure = String.valueOf(e);
        }
        System.out.println(failure == null ? "PASS " + id : "FAIL " + id + ": " + failure);
        return failure == null;
    }

    private void run(String name, String protocol) throws Exception {
        String input = name + "-in";
        String output = name + "-out";
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(input, 2, REPLICAS),
                                    new NewTopic(output, 1, REPLICAS)))
                    .all()
                    .get();
            if (protocol.equals("streams")) {
                set(admin, name);
            }
        }
        send(input, 0, LINES / 2);
        Process app = start(name, input, output, protocol);
        try {
            Map<String, Long> counts = counts(output, LINES / 4);
            check(!counts.isEmpty(), "nothing is counted within " + PATIENCE_S + " s");
            app.destroyForcibly().waitFor();
            send(input, LINES / 2, LINES);
            app = start(name, input, output, protocol);
            counts = counts(output, LINES);
            for (String word : WORDS) {
                check(
                        counts.getOrDefault(word, 0L) == LINES,
                        "counted of '" + word + "': " + counts.get(word) + " of " + LINES);
            }
        } finally {
            app.destroyForcibly().waitFor();
        }
    }

    /** Has members of the group that were killed forgotten as soon as the brokers allow it. */
    private static void set(Admin admin, String group) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        try {
            set(admin, resource, "10000");
        } catch (ExecutionException e) {
            set(admin, resource, "45000");
        }
    }

    private static void set(Admin admin, ConfigResource resource, String sessionMs)
            throws Exception {
        var entry = new ConfigEntry("streams.session.timeout.ms", sessionMs);
        var operation = new AlterConfigOp(entry, AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(operation))).all().get();
    }

    private Process start(String name, String input, String output, String protocol)
            throws Exception {
        Path state = Files.createTempDirectory("streams");
        state.toFile().deleteOnExit();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-Djava.io.tmpdir=" + state,
                        "-cp",
                        classPath + File.pathSeparator + System.getProperty("java.class.path"),
                        "WordCount",
                        bootstrap,
                        name,
                        input,
                        output,
                        protocol)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private void send(String topic, int from, int to) throws Exception {
        var text = new StringSerializer();
        try (var producer =
                new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap), text, text)) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>(topic, i % 2, null, String.join(" ", WORDS)));
            }
            producer.flush();
        }
    }

    /** Reads committed counts until each word has come to so many, or time is up. */
    private Map<String, Long> counts(String topic, long wanted) {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "isolation.level", "read_committed",
                        "enable.auto.commit", "false");
        Map<String, Long> counts = new HashMap<>();
        try (var consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new LongDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seekToBeginning(consumer.assignment());
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
            while (System.nanoTime() < until && !reached(counts, wanted)) {
                for (ConsumerRecord<String, Long> count : consumer.poll(Duration.ofMillis(200))) {
                    long before = counts.getOrDefault(count.key(), 0L);
                    check(
                            count.value() == before + 1,
                            "'" + count.key() + "' went from " + before + " to " + count.value());
                    counts.put(count.key(), count.value());
                }
            }
        }
        return counts;
    }

    private static boolean reached(Map<String, Long> counts, long wanted) {
        return WORDS.stream().allMatch(word -> counts.getOrDefault(word, 0L) >= wanted);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
