package io.millrace.bench.delivery;

import io.millrace.bench.load.LoadResult;
import io.millrace.bench.load.Payload;
import io.millrace.bench.load.ProduceLoad;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A share group that empties a topic, and one that follows a producer. */
final class ShareWorkload {
    private static final String EMPTYING = "share group, 100 B, empties a topic";
    private static final String FOLLOWING = "share group, 100 B, 1,000/s, from due to delivered";
    private static final int RECORD_BYTES = 100;
    private static final int BATCH = 160;
    private static final int MEMBERS = 2;
    private static final int RATE = 1_000;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

    private final Turn turn;
    private final double seconds;

    ShareWorkload(Turn turn, double seconds) {
        this.turn = turn;
        this.seconds = seconds;
    }

    void run() throws IOException, InterruptedException {
        // The first run warms up broker and clients.
        empty("warm-up", false);
        empty("share-emptying", true);
        follow();
    }

    private void empty(String group, boolean counts) throws IOException, InterruptedException {
        Target target = turn.topic(Turn.PARTITIONS);
        LoadResult produced =
                ProduceLoad.full(target, Payload.plain(RECORD_BYTES, BATCH), 1)
                        .at(200_000)
                        .run(nanos(seconds));
        turn.configure(group, Map.of("share.auto.offset.reset", "earliest"));
        double before = turn.cpuSeconds();
        var left = new AtomicLong(produced.records());
        var first = new AtomicLong(Long.MAX_VALUE);
        List<Turn.Task<Boolean>> members = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            members.add(() -> take(target.topic(), group, left, first));
        }
        Turn.together(members);
        double elapsedS = (System.nanoTime() - first.get()) / 1e9;
        double cpu = turn.cpuSeconds() - before;
        if (counts) {
            turn.add(EMPTYING, "records", "1/s", produced.records() / elapsedS);
            turn.add(EMPTYING, "CPU a record", "us", cpu * 1e6 / produced.records());
        }
    }

    /** Takes and accepts until nothing is left. */
    private boolean take(String topic, String group, AtomicLong left, AtomicLong firstNs)
            throws IOException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        try (var consumer = turn.sharer(group)) {
            consumer.subscribe(List.of(topic));
            while (left.get() > 0) {
                int count = consumer.poll(Duration.ofMillis(100)).count();
                if (count > 0) {
                    firstNs.accumulateAndGet(System.nanoTime(), Math::min);
                    left.addAndGet(-count);
                    deadlineNs = System.nanoTime() + PATIENCE_NS;
                } else if (System.nanoTime() > deadlineNs) {
                    throw new IOException(left + " records of " + topic + " are not delivered");
                }
            }
        }
        return true;
    }

    private void follow() throws IOException, InterruptedException {
        Target target = turn.topic(Turn.PARTITIONS);
        turn.configure("share-following", Map.of("share.auto.offset.reset", "earliest"));
        int records = (int) (RATE * seconds);
        var left = new AtomicLong(records);
        var ready = new AtomicBoolean();
        var latency = new ConcurrentHistogram(3);
        List<Turn.Task<Boolean>> clients = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            clients.add(() -> measure(target.topic(), left, ready, latency));
        }
        clients.add(() -> produce(target.topic(), records, ready));
        Turn.together(clients);
        turn.addLatency(FOLLOWING, latency);
    }

    private boolean measure(String topic, AtomicLong left, AtomicBoolean ready, Histogram latencyNs)
            throws IOException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        try (var consumer = turn.sharer("share-following")) {
            consumer.subscribe(List.of(topic));
            while (left.get() > 0) {
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(100))) {
                    long dueNs = ByteBuffer.wrap(record.value()).getLong();
                    if (dueNs == 0) {
                        ready.set(true);
                    } else {
                        latencyNs.recordValue(System.nanoTime() - dueNs);
                        left.decrementAndGet();
                    }
                }
                if (System.nanoTime() > deadlineNs + nanos(seconds)) {
                    throw new IOException(left + " records of " + topic + " are not delivered");
                }
            }
        }
        return true;
    }

    /** Sends empty records until the group takes them, then one record whenever one is due. */
    private boolean produce(String topic, int records, AtomicBoolean ready) throws IOException {
        try (var producer = turn.producer(Map.of("linger.ms", "0"))) {
            long deadlineNs = System.nanoTime() + PATIENCE_NS;
            while (!ready.get()) {
                var _ = producer.send(new ProducerRecord<>(topic, new byte[RECORD_BYTES]));
                LockSupport.parkNanos(nanos(0.1));
                if (System.nanoTime() > deadlineNs) {
                    throw new IOException("nothing of " + topic + " is delivered");
                }
            }
            LockSupport.parkNanos(nanos(1));
            long startNs = System.nanoTime();
            for (int i = 0; i < records; i++) {
                long dueNs = startNs + TimeUnit.SECONDS.toNanos(i) / RATE;
                while (System.nanoTime() < dueNs) {
                    LockSupport.parkNanos(dueNs - System.nanoTime());
                }
                byte[] value = ByteBuffer.allocate(RECORD_BYTES).putLong(dueNs).array();
                var _ = producer.send(new ProducerRecord<>(topic, value));
            }
            producer.flush();
        }
        return true;
    }

    private static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }
}
