package cases;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The broker under test, or the nodes of a cluster, and what the cases need to talk to it. In a
 * cluster topics have a replica on every node, and nodes may be killed under a case.
 */
final class Testbed {
    /**
     * One thing that a broker must do; it makes what it needs under a name that nobody else has.
     */
    interface Case {
        void run(String name) throws Exception;
    }

    /** How many nodes there are, when none is dead. */
    static final int NODES =
            Integer.parseInt(System.getenv().getOrDefault("MILLRACE_CASE_NODES", "1"));

    /** Whether nodes are killed meanwhile. */
    static final boolean KILLS = !System.getenv().getOrDefault("MILLRACE_CASE_KILLS", "").isEmpty();

    /** How long what must come may take, in seconds. */
    static final int PATIENCE_S =
            Integer.parseInt(System.getenv().getOrDefault("MILLRACE_CASE_PATIENCE_S", "25"));

    /** How many replicas a topic has. */
    static final short REPLICAS = (short) NODES;

    static String bootstrap;
    static Admin admin;

    private Testbed() {}

    static void connect(String address) {
        bootstrap = address;
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    static void equal(Object expected, Object actual, String what) {
        check(expected.equals(actual), what + ": expected " + expected + ", got " + actual);
    }

    static void makeTopic(String name, int partitions, Map<String, String> configs)
            throws Exception {
        try {
            admin.createTopics(List.of(new NewTopic(name, partitions, REPLICAS).configs(configs)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            // The answer may be lost with a node; the client asks again, and it is there already.
            if (!KILLS || !(e.getCause() instanceof TopicExistsException)) throw e;
        }
        // A real Kafka's brokers learn of it a moment later.
        await(
                () -> {
                    try {
                        return admin.describeTopics(List.of(name)).allTopicNames().get() != null;
                    } catch (ExecutionException e) {
                        return false;
                    }
                },
                "a topic that was made is not described");
    }

    static KafkaProducer<String, String> producer(Map<String, Object> extra) {
        Map<String, Object> settings =
                new HashMap<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrap,
                                "linger.ms",
                                5,
                                "delivery.timeout.ms",
                                1000 * PATIENCE_S,
                                "request.timeout.ms",
                                10000));
        settings.putAll(extra);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(Map<String, Object> extra) {
        Map<String, Object> settings =
                new HashMap<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrap,
                                "auto.offset.reset",
                                "earliest",
                                "enable.auto.commit",
                                false,
                                "session.timeout.ms",
                                6000,
                                "heartbeat.interval.ms",
                                500,
                                "max.poll.interval.ms",
                                20000));
        settings.putAll(extra);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    static void send(String topic, int count, Map<String, Object> extra) throws Exception {
        try (KafkaProducer<String, String> producer = producer(extra)) {
            List<java.util.concurrent.Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++)
                sent.add(producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i)));
            producer.flush();
            for (var each : sent) each.get();
        }
    }

    static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
    }

    static List<ConsumerRecord<String, String>> read(
            KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long until = deadline();
        while (records.size() < count && System.nanoTime() < until)
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        check(records.size() >= count, "expected " + count + " records, got " + records.size());
        return records;
    }

    static List<ConsumerRecord<String, String>> readAll(String topic, int partition, int count) {
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition where = new TopicPartition(topic, partition);
            consumer.assign(List.of(where));
            consumer.seekToBeginning(List.of(where));
            return read(consumer, count);
        }
    }

    static void expect(Class<? extends Throwable> type, Callable<?> call) throws Exception {
        try {
            call.call();
        } catch (ExecutionException e) {
            check(
                    type.isInstance(e.getCause()),
                    "expected " + type.getSimpleName() + ", got " + e.getCause());
            return;
        } catch (Exception e) {
            check(type.isInstance(e), "expected " + type.getSimpleName() + ", got " + e);
            return;
        }
        throw new AssertionError("expected " + type.getSimpleName() + ", got no error");
    }

    /**
     * That something holds: at once where there is one node. The nodes of a cluster learn of what
     * the controller has decided one after the other, and one that was asked may die.
     */
    static void settles(Callable<Boolean> condition, String what) throws Exception {
        if (NODES == 1) {
            check(condition.call(), what);
            return;
        }
        long until = deadline();
        Throwable last = null;
        while (System.nanoTime() < until) {
            try {
                if (condition.call()) return;
            } catch (ExecutionException e) {
                last = e.getCause();
            }
        }
        check(false, what + (last == null ? "" : ": " + last));
    }

    static void await(Callable<Boolean> condition, String what) throws Exception {
        long until = deadline();
        while (!condition.call()) check(System.nanoTime() < until, what);
    }
}
