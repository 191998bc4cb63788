package io.millrace.bench.delivery;

import io.millrace.bench.load.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;

/** What a queue's records cost that wait for days. Kafka has nothing to set beside it. */
final class DelayedBacklog {
    private static final String GROUP = "delayed";
    private static final int RECORD_BYTES = 100;
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(3);
    private static final Pattern WAITING = Pattern.compile("\"waiting\":(\\d+)");

    private final Turn turn;
    private final int records;

    DelayedBacklog(Turn turn, int records) {
        this.turn = turn;
        this.records = records;
    }

    void run() throws IOException, InterruptedException {
        Target target = turn.topic(Turn.PARTITIONS);
        turn.configure(
                GROUP,
                Map.of(
                        "share.auto.offset.reset",
                        "earliest",
                        "millrace.queue.delay.ms",
                        Long.toString(TimeUnit.DAYS.toMillis(7))));
        produce(target.topic());
        String workload = "%,d records delayed for days".formatted(records);
        double before = turn.broker().figures().residentMb();
        double cpuBefore = turn.cpuSeconds();
        long startNs = System.nanoTime();
        takeIn(target.topic());
        double cpu = turn.cpuSeconds() - cpuBefore;
        double after = turn.broker().figures().residentMb();
        turn.add(workload, "memory before", "MB", before);
        turn.add(workload, "memory with them indexed", "MB", after);
        turn.add(workload, "taken in", "1/s", records * 1e9 / (System.nanoTime() - startNs));
        turn.add(workload, "CPU a record", "us", cpu * 1e6 / records);
    }

    private void produce(String topic) {
        try (var producer = turn.producer(Map.of())) {
            var record = new ProducerRecord<byte[], byte[]>(topic, new byte[RECORD_BYTES]);
            for (int i = 0; i < records; i++) {
                var _ = producer.send(record);
            }
            producer.flush();
        }
    }

    /** Polls, in vain, until the queue says that it has all of them waiting. */
    private void takeIn(String topic) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        try (Admin admin = turn.admin();
                var consumer = turn.sharer(GROUP)) {
            consumer.subscribe(List.of(topic));
            while (waiting(admin) < records) {
                if (!consumer.poll(Duration.ofMillis(200)).isEmpty()) {
                    throw new IOException("a delayed record was delivered at once");
                }
                if (System.nanoTime() > deadlineNs) {
                    throw new IOException(
                            "%d of %d records wait".formatted(waiting(admin), records));
                }
            }
        }
    }

    private static long waiting(Admin admin) throws IOException, InterruptedException {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, GROUP);
        try {
            Map<ConfigResource, Config> shown =
                    admin.describeConfigs(List.of(resource)).all().get();
            Config config = Objects.requireNonNull(shown.get(resource));
            ConfigEntry status = config.get("millrace.queue.status");
            if (status == null) {
                return 0; // There is no queue yet.
            }
            return WAITING.matcher(status.value())
                    .results()
                    .map(MatchResult::group)
                    .mapToLong(field -> Long.parseLong(field.substring(field.indexOf(':') + 1)))
                    .sum();
        } catch (ExecutionException e) {
            throw new IOException("the queue's status cannot be read: " + e.getMessage(), e);
        }
    }
}
