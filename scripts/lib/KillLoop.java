import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;

/** Kills a broker again and again under a running idempotent producer, and counts what is left. */
public final class KillLoop {
    public static void main(String[] args) throws Exception {
        String millrace = args[0];
        File folder = new File(args[1]);
        int port = Integer.parseInt(args[2]);
        int rounds = Integer.parseInt(args[3]);
        int partitions = 3;
        var random = new Random(rounds);
        Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicLong next = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        AtomicBoolean stop = new AtomicBoolean();
        Process broker = start(millrace, folder, port, partitions);
        var producer = new Thread(() -> produce(port, next, acknowledged, failed, stop), "producer");
        producer.start();
        for (int round = 1; round <= rounds; round++) {
            Thread.sleep(300 + random.nextInt(700));
            broker.destroyForcibly().waitFor();
            broker = start(millrace, folder, port, partitions);
            if (round % 10 == 0 || round == rounds) System.out.println("round " + round + ": " + acknowledged.size() + " acknowledged");
        }
        Thread.sleep(1500);
        stop.set(true);
        producer.join(120_000);
        Map<Long, Integer> seen = read(port, partitions);
        Set<Long> lost = new HashSet<>(acknowledged);
        lost.removeAll(seen.keySet());
        long duplicates = seen.values().stream().filter(count -> count > 1).count();
        broker.destroy();
        int exit = broker.waitFor();
        System.out.printf("%d rounds, %d sent, %d acknowledged, %d stored, %d given up, %d lost, %d duplicated, clean exit %d%n",
            rounds, next.get(), acknowledged.size(), seen.size(), failed.get(), lost.size(), duplicates, exit);
        boolean good = lost.isEmpty() && duplicates == 0 && exit == 0 && acknowledged.size() > rounds;
        System.out.println(good ? "1 passed, 0 failed" : "0 passed, 1 failed");
        System.exit(good ? 0 : 1);
    }

    private static Process start(String millrace, File folder, int port, int partitions) throws Exception {
        var builder = new ProcessBuilder(millrace, "start", "--data-dir", folder.getPath(), "--port", "" + port, "-c", "num.partitions=" + partitions, "-c", "log.segment.bytes=1000000");
        builder.redirectError(new File(folder.getParentFile(), "broker.err"));
        Process process = builder.start();
        var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (line == null || !line.startsWith("Millrace ready")) {
            List<String> errors = java.nio.file.Files.readAllLines(new File(folder.getParentFile(), "broker.err").toPath());
            throw new IllegalStateException("the broker did not start: " + line + " " + errors);
        }
        return process;
    }

    private static void produce(int port, AtomicLong next, Set<Long> acknowledged, AtomicLong failed, AtomicBoolean stop) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", "127.0.0.1:" + port, "acks", "all", "enable.idempotence", true,
            "delivery.timeout.ms", 120_000, "request.timeout.ms", 5000, "retry.backoff.ms", 20, "reconnect.backoff.ms", 20, "reconnect.backoff.max.ms", 100));
        settings.put("batch.size", 2000);
        try (var producer = new KafkaProducer<>(settings, new LongSerializer(), new LongSerializer())) {
            while (!stop.get()) {
                long value = next.getAndIncrement();
                producer.send(new ProducerRecord<>("kill", (int) (value % 3), value, value), (stored, failure) -> {
                    if (failure == null) acknowledged.add(value); else failed.incrementAndGet();
                });
                if (value % 50 == 0) Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<Long, Integer> read(int port, int partitions) {
        Map<Long, Integer> seen = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", "127.0.0.1:" + port), new LongDeserializer(), new LongDeserializer())) {
            var all = new java.util.ArrayList<TopicPartition>();
            for (int p = 0; p < partitions; p++) all.add(new TopicPartition("kill", p));
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
