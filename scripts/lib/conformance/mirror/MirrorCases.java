import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * MirrorMaker 2 between the broker under test and an Apache Kafka, both ways at once, with the
 * exactly-once source. Usage: MirrorCases HOST:PORT KAFKA_HOST:PORT
 */
public final class MirrorCases {
    private static final int RECORDS = 500;
    private static final int PATIENCE_S = 90;

    private MirrorCases() {}

    public static void main(String[] args) throws Exception {
        String run = UUID.randomUUID().toString().substring(0, 8);
        Path folder = Files.createTempDirectory("mirror");
        Process mirror = null;
        boolean passed = true;
        try {
            for (String bootstrap : args) {
                make(bootstrap, "mirrored-" + run);
                send(bootstrap, "mirrored-" + run);
            }
            commit(args[0], "mirrored-" + run, "readers-" + run);
            mirror = start(settings(folder, args[0], args[1], run));
            passed = passes("mirror-out", () -> same(args[1], "here.mirrored-" + run));
            passed &= passes("mirror-in", () -> same(args[0], "there.mirrored-" + run));
            passed &=
                    passes(
                            "mirror-groups",
                            () -> translated(args[1], "here.mirrored-" + run, "readers-" + run));
        } finally {
            if (mirror != null) {
                mirror.destroyForcibly().waitFor();
            }
        }
        System.out.println("DONE");
        System.exit(passed ? 0 : 1);
    }

    private interface Check {
        void run() throws Exception;
    }

    private static boolean passes(String id, Check check) {
        String failure = null;
        try {
            check.run();
        } catch (Exception | AssertionError e) {
            failure = String.valueOf(e);
        }
        System.out.println(failure == null ? "PASS " + id : "FAIL " + id + ": " + failure);
        return failure == null;
    }

    private static Path settings(Path folder, String here, String there, String run)
            throws IOException {
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                "clusters=here,there",
                                "here.bootstrap.servers=" + here,
                                "there.bootstrap.servers=" + there,
                                "here->there.enabled=true",
                                "there->here.enabled=true",
                                "topics=mirrored-" + run,
                                "groups=readers-" + run,
                                "dedicated.mode.enable.internal.rest=true",
                                "listeners=http://127.0.0.1:0",
                                "here.exactly.once.source.support=enabled",
                                "there.exactly.once.source.support=enabled",
                                "sync.group.offsets.enabled=true",
                                "sync.group.offsets.interval.seconds=1",
                                "emit.checkpoints.interval.seconds=1",
                                "offset.flush.interval.ms=500",
                                "tasks.max=1"));
        for (String topic :
                List.of(
                        "",
                        "offset-syncs.topic.",
                        "heartbeats.topic.",
                        "checkpoints.topic.",
                        "config.storage.",
                        "offset.storage.",
                        "status.storage.")) {
            lines.add(topic + "replication.factor=-1"); // as the brokers have it
        }
        return Files.write(folder.resolve("mirror.properties"), lines);
    }

    private static Process start(Path settings) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx400m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.apache.kafka.connect.mirror.MirrorMaker",
                        settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(settings.resolveSibling("mirror.log").toFile())
                .start();
    }

    private static void make(String bootstrap, String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty()))).all().get();
        }
    }

    private static void send(String bootstrap, String topic) throws Exception {
        var text = new StringSerializer();
        try (var producer =
                new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap), text, text)) {
            for (int i = 0; i < RECORDS; i++) {
                var record = new ProducerRecord<>(topic, 0, "k" + i, "v" + i);
                record.headers().add("h", ("x" + i).getBytes());
                producer.send(record);
            }
            producer.flush();
        }
    }

    private static KafkaConsumer<String, String> consumer(String bootstrap, String group) {
        var text = new StringDeserializer();
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "group.id", group,
                        "isolation.level", "read_committed",
                        "auto.offset.reset", "earliest",
                        "enable.auto.commit", "false"),
                text,
                text);
    }

    private static void commit(String bootstrap, String topic, String group) {
        try (var consumer = consumer(bootstrap, group)) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(RECORDS)));
        }
    }

    /** Every record came once, in order, whole. */
    private static void same(String bootstrap, String topic) {
        List<ConsumerRecord<String, String>> seen = new ArrayList<>();
        try (var consumer = consumer(bootstrap, "checker")) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
            while (seen.size() < RECORDS && System.nanoTime() < until) {
                consumer.poll(Duration.ofMillis(200)).forEach(seen::add);
            }
            consumer.poll(Duration.ofMillis(500)).forEach(seen::add);
        }
        check(seen.size() == RECORDS, seen.size() + " of " + RECORDS + " records are mirrored");
        for (int i = 0; i < RECORDS; i++) {
            ConsumerRecord<String, String> record = seen.get(i);
            String header = new String(record.headers().lastHeader("h").value());
            check(
                    record.key().equals("k" + i)
                            && record.value().equals("v" + i)
                            && header.equals("x" + i),
                    "record " + i + " is " + record);
        }
    }

    /** The group's position is told on the other side. */
    private static void translated(String bootstrap, String topic, String group) throws Exception {
        var partition = new TopicPartition(topic, 0);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        OffsetAndMetadata found = null;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            while (found == null && System.nanoTime() < until) {
                found = position(admin, group, partition);
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
        check(found != null && found.offset() > 0, "no position of the group is told: " + found);
    }

    private static OffsetAndMetadata position(Admin admin, String group, TopicPartition partition)
            throws InterruptedException {
        try {
            return admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(partition);
        } catch (ExecutionException e) {
            return null; // not yet
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
