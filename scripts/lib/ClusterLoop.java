import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;

/**
 * Kills (kill -9) the nodes of a cluster one after the other under a running idempotent producer and
 * a consumer group. Counts what is lost or stored twice, what the group missed, and how long a
 * partition took no records.
 */
public final class ClusterLoop {
    private static final int PARTITIONS = 6;

    public static void main(String[] args) throws Exception {
        String script = args[0];
        String folder = args[1];
        String servers = args[2];
        int rounds = Integer.parseInt(args[3]);
        int nodes = servers.split(",").length;
        var random = new Random(rounds);
        String topic = "cluster-loop-" + System.currentTimeMillis();
        try (var admin = Admin.create(Map.<String, Object>of("bootstrap.servers", servers))) {
            admin.createTopics(Set.of(new NewTopic(topic, PARTITIONS, (short) 3).configs(Map.of("min.insync.replicas", "2")))).all().get();
        }
        Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
        Set<Long> consumed = ConcurrentHashMap.newKeySet();
        var next = new AtomicLong();
        var failed = new AtomicLong();
        var stop = new AtomicBoolean();
        var stopConsumer = new AtomicBoolean();
        var longestGapMs = new AtomicLongArray(PARTITIONS);
        var producer = new Thread(() -> produce(servers, topic, next, acknowledged, failed, longestGapMs, stop), "producer");
        var consumer = new Thread(() -> consume(servers, topic, consumed, stopConsumer), "consumer");
        producer.start();
        consumer.start();
        long worstMs = 0;
        for (int round = 1; round <= rounds; round++) {
            Thread.sleep(2000 + random.nextInt(2000));
            for (int p = 0; p < PARTITIONS; p++) longestGapMs.set(p, 0);
            String victim = "" + (1 + round % nodes);
            run(script, "kill", victim, "--dir", folder);
            Thread.sleep(12_000);
            long gapMs = 0;
            for (int p = 0; p < PARTITIONS; p++) gapMs = Math.max(gapMs, longestGapMs.get(p));
            worstMs = Math.max(worstMs, gapMs);
            run(script, "restart", victim, "--dir", folder);
            System.out.println("round " + round + ": node " + victim + " killed, " + acknowledged.size() + " acknowledged, a partition took nothing for at most " + gapMs + " ms");
        }
        Thread.sleep(3000);
        stop.set(true);
        producer.join(120_000);
        for (int i = 0; i < 300 && !consumed.containsAll(acknowledged); i++) Thread.sleep(100);
        stopConsumer.set(true);
        consumer.join(30_000);
        Map<Long, Integer> seen = read(servers, topic);
        Set<Long> lost = new HashSet<>(acknowledged);
        lost.removeAll(seen.keySet());
        Set<Long> missed = new HashSet<>(acknowledged);
        missed.removeAll(consumed);
        long duplicates = seen.values().stream().filter(count -> count > 1).count();
        System.out.printf("%d rounds, %d sent, %d acknowledged, %d stored, %d given up, %d lost, %d duplicated, %d missed by the group, at most %d ms without a leader%n",
            rounds, next.get(), acknowledged.size(), seen.size(), failed.get(), lost.size(), duplicates, missed.size(), worstMs);
        boolean good = lost.isEmpty() && duplicates == 0 && missed.isEmpty() && acknowledged.size() > rounds;
        System.out.println(good ? "1 passed, 0 failed" : "0 passed, 1 failed");
        System.exit(good ? 0 : 1);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IllegalStateException(String.join(" ", command) + ": " + said);
    }

    private static void produce(String servers, String topic, AtomicLong next, Set<Long> acknowledged, AtomicLong failed, AtomicLongArray gaps, AtomicBoolean stop) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", servers, "acks", "all", "enable.idempotence", true,
            "delivery.timeout.ms", 120_000, "request.timeout.ms", 5000, "retry.backoff.ms", 20, "reconnect.backoff.ms", 20, "reconnect.backoff.max.ms", 100));
        settings.put("batch.size", 2000);
        settings.put("max.block.ms", 60_000);
        var lastMs = new AtomicLongArray(PARTITIONS);
        for (int p = 0; p < PARTITIONS; p++) lastMs.set(p, System.currentTimeMillis());
        try (var producer = new KafkaProducer<>(settings, new LongSerializer(), new LongSerializer())) {
            while (!stop.get()) {
                long value = next.getAndIncrement();
                int partition = (int) (value % PARTITIONS);
                producer.send(new ProducerRecord<>(topic, partition, value, value), (stored, failure) -> {
                    if (failure != null) { failed.incrementAndGet(); return; }
                    acknowledged.add(value);
                    long nowMs = System.currentTimeMillis();
                    long gapMs = nowMs - lastMs.getAndSet(partition, nowMs);
                    gaps.accumulateAndGet(partition, gapMs, Math::max);
                });
                if (value % 5 == 0) Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void consume(String servers, String topic, Set<Long> consumed, AtomicBoolean stop) {
        Map<String, Object> settings = Map.of("bootstrap.servers", servers, "group.id", topic, "auto.offset.reset", "earliest", "group.protocol", "consumer");
        try (var consumer = new KafkaConsumer<>(settings, new LongDeserializer(), new LongDeserializer())) {
            consumer.subscribe(Set.of(topic));
            while (!stop.get()) for (ConsumerRecord<Long, Long> record : consumer.poll(Duration.ofMillis(200))) consumed.add(record.value());
        }
    }

    private static Map<Long, Integer> read(String servers, String topic) {
        Map<Long, Integer> seen = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", servers), new LongDeserializer(), new LongDeserializer())) {
            var all = new java.util.ArrayList<TopicPartition>();
            for (int p = 0; p < PARTITIONS; p++) all.add(new TopicPartition(topic, p));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            var ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<Long, Long> record : consumer.poll(Duration.ofMillis(500))) seen.merge(record.value(), 1, Integer::sum);
            }
        }
        return seen;
    }
}
