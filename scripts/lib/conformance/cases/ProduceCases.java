package cases;

import static cases.Testbed.*;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a producer sends, in every form, and what a broker does with it. */
final class ProduceCases {
    private ProduceCases() {}

    static Map<String, Testbed.Case> all() {
        Map<String, Testbed.Case> cases = new LinkedHashMap<>();
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            cases.put("produce-" + codec, name -> produce(name, codec));
        }
        cases.put("idempotent", ProduceCases::idempotent);
        cases.put("max-message-bytes", ProduceCases::maxMessageBytes);
        cases.put("topic-codec", ProduceCases::topicCodec);
        cases.put("log-append-time", ProduceCases::logAppendTime);
        cases.put("acks", ProduceCases::acks);
        return cases;
    }

    private static void produce(String name, String codec) throws Exception {
        makeTopic(name, 1, Map.of());
        try (KafkaProducer<String, String> producer =
                producer(Map.of("compression.type", codec, "batch.size", 65536))) {
            for (int i = 0; i < 500; i++) {
                ProducerRecord<String, String> record =
                        new ProducerRecord<>(
                                name,
                                0,
                                i % 7 == 0 ? null : "k" + i,
                                i % 11 == 0 ? null : "value ".repeat(i % 50) + i);
                record.headers().add("h", ("x" + i).getBytes()).add("n", null);
                producer.send(record);
            }
        }
        List<ConsumerRecord<String, String>> records = readAll(name, 0, 500);
        equal(500, records.size(), "records");
        for (int i = 0; i < 500; i++) {
            ConsumerRecord<String, String> record = records.get(i);
            equal((long) i, record.offset(), "offset");
            equal(
                    Optional.ofNullable(i % 7 == 0 ? null : "k" + i),
                    Optional.ofNullable(record.key()),
                    "key");
            equal(
                    Optional.ofNullable(i % 11 == 0 ? null : "value ".repeat(i % 50) + i),
                    Optional.ofNullable(record.value()),
                    "value");
            equal("x" + i, new String(record.headers().lastHeader("h").value()), "header");
        }
    }

    private static void idempotent(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        send(
                name,
                2000,
                Map.of(
                        "enable.idempotence",
                        true,
                        "acks",
                        "all",
                        "batch.size",
                        1000,
                        "max.in.flight.requests.per.connection",
                        5));
        long end = 0;
        for (int p = 0; p < 2; p++) {
            TopicPartition where = new TopicPartition(name, p);
            end +=
                    admin.listOffsets(Map.of(where, OffsetSpec.latest()))
                            .all()
                            .get()
                            .get(where)
                            .offset();
        }
        equal(2000L, end, "records");
    }

    private static void maxMessageBytes(String name) throws Exception {
        makeTopic(name, 1, Map.of("max.message.bytes", "2000"));
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            producer.send(new ProducerRecord<>(name, "x".repeat(1000))).get();
            expect(
                    RecordTooLargeException.class,
                    () -> producer.send(new ProducerRecord<>(name, "x".repeat(3000))).get());
        }
    }

    private static void topicCodec(String name) throws Exception {
        makeTopic(name, 1, Map.of("compression.type", "zstd"));
        send(name, 100, Map.of("compression.type", "gzip"));
        equal(100, readAll(name, 0, 100).size(), "records");
    }

    private static void logAppendTime(String name) throws Exception {
        makeTopic(name, 1, Map.of("message.timestamp.type", "LogAppendTime"));
        long before = System.currentTimeMillis();
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            RecordMetadata sent =
                    producer.send(new ProducerRecord<>(name, 0, 1000L, "k", "v")).get();
            check(
                    sent.timestamp() >= before,
                    "the time that the producer is told: " + sent.timestamp());
        }
        ConsumerRecord<String, String> record = readAll(name, 0, 1).get(0);
        check(record.timestamp() >= before, "the time that is read: " + record.timestamp());
        equal(
                org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME.toString(),
                record.timestampType().toString(),
                "type");
    }

    private static void acks(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 10, Map.of("acks", "0", "enable.idempotence", false));
        send(name, 10, Map.of("acks", "1", "enable.idempotence", false));
        send(name, 10, Map.of("acks", "all"));
        int kept = KILLS ? 10 : 30; // what a node that is killed alone has may go with it
        check(readAll(name, 0, kept).size() >= kept, "fewer records than were acknowledged");
    }
}
