package cases;

import static cases.Testbed.*;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where reading may begin, and what is found by offset and by time. */
final class ConsumeCases {
    private ConsumeCases() {}

    static Map<String, Testbed.Case> all() {
        Map<String, Testbed.Case> cases = new LinkedHashMap<>();
        cases.put("consume-beginning", ConsumeCases::consumeBeginning);
        cases.put("consume-end", ConsumeCases::consumeEnd);
        cases.put("consume-timestamp", ConsumeCases::consumeTimestamp);
        cases.put("mid-batch", ConsumeCases::midBatch);
        cases.put("time-in-batch", ConsumeCases::timeInBatch);
        cases.put("list-offsets", ConsumeCases::listOffsets);
        return cases;
    }

    private static void consumeBeginning(String name) throws Exception {
        makeTopic(name, 3, Map.of());
        send(name, 300, Map.of());
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", name))) {
            consumer.subscribe(List.of(name));
            Set<String> values = new HashSet<>();
            read(consumer, 300).forEach(record -> values.add(record.value()));
            equal(300, values.size(), "values");
        }
    }

    private static void consumeEnd(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 10, Map.of());
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition where = new TopicPartition(name, 0);
            consumer.assign(List.of(where));
            consumer.seekToEnd(List.of(where));
            equal(10L, consumer.position(where), "position");
            send(name, 1, Map.of());
            equal(10L, read(consumer, 1).get(0).offset(), "offset");
        }
    }

    private static void consumeTimestamp(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        long base = System.currentTimeMillis() - 100_000;
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            for (int i = 0; i < 100; i++)
                producer.send(new ProducerRecord<>(name, 0, base + i * 10, "k", "v" + i));
        }
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition where = new TopicPartition(name, 0);
            equal(
                    43L,
                    consumer.offsetsForTimes(Map.of(where, base + 425)).get(where).offset(),
                    "offset at a time between two records");
            equal(
                    42L,
                    consumer.offsetsForTimes(Map.of(where, base + 420)).get(where).offset(),
                    "offset at a record's time");
            check(
                    consumer.offsetsForTimes(Map.of(where, base + 5000)).get(where) == null,
                    "an offset after the last time");
            consumer.assign(List.of(where));
            consumer.seek(where, 43);
            equal("v43", read(consumer, 57).get(0).value(), "first value after a time");
            equal(0L, consumer.beginningOffsets(List.of(where)).get(where), "beginning");
            equal(100L, consumer.endOffsets(List.of(where)).get(where), "end");
        }
    }

    private static void midBatch(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 100, Map.of("linger.ms", 200, "batch.size", 100000, "compression.type", "lz4"));
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition where = new TopicPartition(name, 0);
            consumer.assign(List.of(where));
            for (long offset : new long[] {1, 50, 99}) {
                consumer.seek(where, offset);
                List<ConsumerRecord<String, String>> rest = read(consumer, (int) (100 - offset));
                for (int i = 0; i < rest.size(); i++)
                    equal(offset + i, rest.get(i).offset(), "offset of a read inside of a batch");
            }
        }
    }

    private static void timeInBatch(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        long base = System.currentTimeMillis() - 50_000;
        try (KafkaProducer<String, String> producer =
                producer(
                        Map.of(
                                "linger.ms",
                                300,
                                "batch.size",
                                100000,
                                "compression.type",
                                "gzip"))) {
            for (int i = 0; i < 50; i++)
                producer.send(new ProducerRecord<>(name, 0, base + i * 100, null, "v" + i));
        }
        TopicPartition where = new TopicPartition(name, 0);
        equal(
                33L,
                admin.listOffsets(Map.of(where, OffsetSpec.forTimestamp(base + 3300)))
                        .all()
                        .get()
                        .get(where)
                        .offset(),
                "offset of a time inside of a compressed batch");
    }

    private static void listOffsets(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        long base = System.currentTimeMillis() - 10_000;
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            for (long time : new long[] {base, base + 500, base + 200})
                producer.send(new ProducerRecord<>(name, 0, time, "k", "v")).get();
        }
        TopicPartition where = new TopicPartition(name, 0);
        equal(
                1L,
                admin.listOffsets(Map.of(where, OffsetSpec.maxTimestamp()))
                        .all()
                        .get()
                        .get(where)
                        .offset(),
                "offset of the largest timestamp");
        equal(
                base + 500,
                admin.listOffsets(Map.of(where, OffsetSpec.maxTimestamp()))
                        .all()
                        .get()
                        .get(where)
                        .timestamp(),
                "largest timestamp");
        equal(
                0L,
                admin.listOffsets(Map.of(where, OffsetSpec.earliest()))
                        .all()
                        .get()
                        .get(where)
                        .offset(),
                "earliest");
        equal(
                3L,
                admin.listOffsets(Map.of(where, OffsetSpec.latest()))
                        .all()
                        .get()
                        .get(where)
                        .offset(),
                "latest");
    }
}
