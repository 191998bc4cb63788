package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Step;
import io.millrace.bench.history.Place;
import io.millrace.bench.lab.client.Journal.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Sends records without transactions, at a steady pace, and notes what it is told of each. */
public final class Sender implements Runnable {
    private static final String NAME = "producer";
    private static final long LAST_MS = 5_000;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Row row;

    public Sender(Row row) {
        this.row = row;
    }

    @Override
    public void run() {
        while (row.isProducing()) {
            KafkaProducer<Long, Long> producer = Clients.producer(row);
            try {
                while (row.isProducing()) {
                    send(producer);
                    LockSupport.parkNanos(PAUSE_NS);
                }
            } catch (KafkaException e) {
                // This producer can go on no more; what it had sent is told to its callbacks.
                row.journal().note(NAME, Kind.CRASHED, -1, -1);
            } finally {
                producer.close(Duration.ofMillis(row.patienceMs() + LAST_MS));
            }
        }
    }

    private void send(KafkaProducer<Long, Long> producer) {
        long value = row.nextValue();
        int partition = Row.partitionOf(value);
        long beganNs = System.nanoTime();
        row.journal().note(NAME, Kind.SENT, value, partition);
        var _ =
                producer.send(
                        new ProducerRecord<>(row.topic(), partition, null, value),
                        (metadata, failure) -> answered(value, beganNs, metadata, failure));
    }

    private void answered(
            long value,
            long beganNs,
            @Nullable RecordMetadata metadata,
            @Nullable Exception failure) {
        int partition = Row.partitionOf(value);
        boolean stored = failure == null && metadata != null && metadata.hasOffset();
        long offset = stored && metadata != null ? metadata.offset() : -1;
        if (stored) {
            row.journal().note(NAME, Kind.ACKNOWLEDGED, value, partition);
        } else if (failure != null) {
            row.journal().note(NAME, Kind.NOT_ACKNOWLEDGED, value, partition);
        }
        row.operation(
                NAME,
                beganNs,
                stored ? Outcome.OK : Outcome.UNKNOWN,
                List.of(new Step.Sent(new Place(row.topic(), partition), value, offset)));
    }
}
