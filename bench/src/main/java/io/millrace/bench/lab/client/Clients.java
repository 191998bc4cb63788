package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation.Read;
import io.millrace.bench.history.Operation.Step;
import io.millrace.bench.history.Place;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;

/** Stock clients with the settings of a row. Values are the records' numbers. */
public final class Clients {
    private static final int TRANSACTION_MS = 10_000;
    private static final long ATTEMPT = 1_000_000_000L;
    private static final int REQUEST_MS = 2_000;

    /** How long a member of a group may be silent; where the broker says so, it says the same. */
    public static final int SESSION_MS = 6_000;

    /** How often a member is to be heard of. */
    public static final int BEAT_MS = 1_000;

    private Clients() {}

    private static Map<String, Object> common(Row row) {
        return new HashMap<>(
                Map.of(
                        "bootstrap.servers", row.bootstrap(),
                        "request.timeout.ms", REQUEST_MS,
                        "default.api.timeout.ms", 5_000,
                        "reconnect.backoff.ms", 100,
                        "reconnect.backoff.max.ms", 500,
                        "retry.backoff.max.ms", 200,
                        "socket.connection.setup.timeout.ms", 1_000,
                        "enable.metrics.push", false));
    }

    static KafkaProducer<Long, Long> producer(Row row) {
        Map<String, Object> settings = common(row);
        settings.put("delivery.timeout.ms", row.patienceMs());
        settings.put("max.block.ms", row.patienceMs());
        switch (row.guarantee().producing()) {
            case NO_ANSWER ->
                    settings.putAll(Map.of("acks", "0", "retries", 0, "enable.idempotence", false));
            case RETRYING -> settings.putAll(Map.of("acks", "all", "enable.idempotence", false));
            case IDEMPOTENT, TRANSACTIONAL ->
                    settings.putAll(Map.of("acks", "all", "enable.idempotence", true));
        }
        return open(settings);
    }

    static KafkaProducer<Long, Long> transactional(Row row, String id) {
        Map<String, Object> settings = common(row);
        settings.putAll(
                Map.of(
                        "transactional.id",
                        row.guarantee().id() + "-" + id,
                        "transaction.timeout.ms",
                        TRANSACTION_MS,
                        "delivery.timeout.ms",
                        TRANSACTION_MS,
                        "max.block.ms",
                        TRANSACTION_MS));
        return open(settings);
    }

    private static KafkaProducer<Long, Long> open(Map<String, Object> settings) {
        return new KafkaProducer<>(settings, new LongSerializer(), new LongSerializer());
    }

    static KafkaConsumer<Long, Long> member(Row row) {
        Map<String, Object> settings = reader(row);
        settings.putAll(Map.of("group.id", row.group(), "max.poll.records", 20));
        if (row.guarantee().consuming().isByEpoch()) {
            settings.put("group.protocol", "consumer");
        } else {
            settings.put("session.timeout.ms", SESSION_MS);
            settings.put("heartbeat.interval.ms", BEAT_MS);
        }
        return new KafkaConsumer<>(settings, new LongDeserializer(), new LongDeserializer());
    }

    /** A consumer of no group. */
    static KafkaConsumer<Long, Long> watcher(Row row) {
        return new KafkaConsumer<>(reader(row), new LongDeserializer(), new LongDeserializer());
    }

    private static Map<String, Object> reader(Row row) {
        Map<String, Object> settings = common(row);
        boolean uncommitted =
                row.guarantee().consuming() == Guarantee.Consuming.COMMIT_AFTER_UNCOMMITTED;
        settings.putAll(
                Map.of(
                        "enable.auto.commit",
                        false,
                        "auto.offset.reset",
                        "earliest",
                        "isolation.level",
                        uncommitted ? "read_uncommitted" : "read_committed"));
        return settings;
    }

    static KafkaShareConsumer<Long, Long> sharer(Row row) {
        Map<String, Object> settings = common(row);
        settings.putAll(
                Map.of(
                        "group.id",
                        row.group(),
                        "share.acknowledgement.mode",
                        "explicit",
                        "max.poll.records",
                        20));
        return new KafkaShareConsumer<>(settings, new LongDeserializer(), new LongDeserializer());
    }

    /**
     * What a history calls a result: what is tried again is another record, and its key, the number
     * of the attempt, tells them apart.
     */
    static long ofAttempt(long attempt, long value) {
        return attempt * ATTEMPT + value;
    }

    private static long number(ConsumerRecord<Long, Long> record) {
        Long attempt = record.key();
        return attempt == null ? record.value() : ofAttempt(attempt, record.value());
    }

    /** What was polled, as a history has it. */
    static Step.Polled polled(Iterable<ConsumerRecord<Long, Long>> records) {
        var reads = new TreeMap<Place, List<Read>>();
        for (ConsumerRecord<Long, Long> record : records) {
            reads.computeIfAbsent(
                            new Place(record.topic(), record.partition()),
                            key -> new java.util.ArrayList<>())
                    .add(new Read(record.offset(), number(record)));
        }
        return new Step.Polled(reads);
    }
}
