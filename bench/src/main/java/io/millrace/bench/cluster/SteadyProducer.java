package io.millrace.bench.cluster;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A stock producer with its defaults (acks=all, idempotent) that sends a small record to each
 * partition every few milliseconds, whatever becomes of the last, on a thread of its own.
 */
final class SteadyProducer implements AutoCloseable {
    static final int EVERY_MS = 5;
    private static final int RECORD_BYTES = 100;

    private final KafkaProducer<byte[], byte[]> producer;
    private final Acknowledgements told;
    private final AtomicLong failed = new AtomicLong();
    private final Thread thread;
    private volatile boolean stopped;

    SteadyProducer(String servers, String topic, int partitions, Acknowledgements told) {
        producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", servers),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        this.told = told;
        thread =
                Thread.ofPlatform()
                        .name("steady-producer")
                        .start(() -> {
                            while (!stopped) {
                                sendToEach(topic, partitions);
                                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(EVERY_MS));
                            }
                        });
    }

    private void sendToEach(String topic, int partitions) {
        for (int i = 0; i < partitions; i++) {
            int partition = i;
            var record =
                    new ProducerRecord<byte[], byte[]>(
                            topic, partition, null, new byte[RECORD_BYTES]);
            var _ =
                    producer.send(
                            record,
                            (_, failure) -> {
                                if (failure == null) {
                                    told.acknowledged(partition, System.nanoTime());
                                } else {
                                    failed.incrementAndGet();
                                }
                            });
        }
    }

    /** How many were given up. */
    long failed() {
        return failed.get();
    }

    /** Waits for what is under way. Blocks. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
