package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A short life of a broker, for the JVM to learn from: what runs here is in the ahead-of-time cache
 * that later starts use.
 */
public final class Training {
    private static final int RECORDS = 2000;

    private Training() {}

    /** Serves a client of its own in the folder that the first argument names, and ends. */
    public static void main(String[] args) throws ExecutionException, InterruptedException {
        Main.main(new String[] {"--help"});
        long startedNs = System.nanoTime();
        var options =
                List.of(
                        "--data-dir",
                        args[0],
                        "--port",
                        "0",
                        "-c",
                        "group.initial.rebalance.delay.ms=0");
        BrokerConfig config = Main.configure(new ArrayDeque<>(options));
        try (var broker = Millrace.start(config)) {
            Main.announce(broker, config, startedNs);
            work(Map.of("bootstrap.servers", broker.bootstrapServers()));
        }
    }

    private static void work(Map<String, Object> connection)
            throws ExecutionException, InterruptedException {
        try (var admin = Admin.create(connection)) {
            admin.createTopics(List.of(new NewTopic("training", 2, (short) 1))).all().get();
        }
        var bytes = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(connection, bytes, bytes)) {
            for (int i = 0; i < RECORDS; i++) {
                var sent = producer.send(new ProducerRecord<>("training", new byte[100]));
                if (i == RECORDS - 1) {
                    sent.get();
                }
            }
        }
        var settings = new java.util.HashMap<>(connection);
        settings.put("group.id", "training");
        settings.put("auto.offset.reset", "earliest");
        var text = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(settings, text, text)) {
            consumer.subscribe(List.of("training"));
            int polls = 0;
            for (int seen = 0; seen < RECORDS && polls < 100; polls++) {
                seen += consumer.poll(Duration.ofMillis(200)).count();
            }
            consumer.commitSync();
        }
    }
}
