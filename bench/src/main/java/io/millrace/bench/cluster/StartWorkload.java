package io.millrace.bench.cluster;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** From the start of three nodes with empty folders to the first record that two more have. */
final class StartWorkload {
    static final String START = "start of three nodes";
    static final String FIRST = "first acknowledged record";
    static final String IDLE_MEMORY = "idle memory of all";
    private static final String TOPIC = "first";

    private final ClusterTurn turn;

    StartWorkload(ClusterTurn turn) {
        this.turn = turn;
    }

    void run() throws IOException, InterruptedException {
        long beganNs = System.nanoTime();
        turn.cluster().launch();
        turn.admin().createTopic(TOPIC, 1);
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers",
                        turn.cluster().bootstrapServers(),
                        "linger.ms",
                        0,
                        "retry.backoff.ms",
                        20,
                        "reconnect.backoff.max.ms",
                        50);
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, new byte[1])).get();
        } catch (ExecutionException e) {
            throw new IOException("the first record failed: " + e.getCause(), e);
        }
        turn.add(START, FIRST, "s", (System.nanoTime() - beganNs) / 1e9);
        TimeUnit.SECONDS.sleep(3);
        turn.add(START, IDLE_MEMORY, "MB", turn.cluster().residentMb());
    }

    /** To be called when all loads of the turn are over. */
    void afterLoad() throws IOException {
        turn.add(START, "memory of all after loads", "MB", turn.cluster().residentMb());
    }
}
