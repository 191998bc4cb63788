package cases;

import static cases.Testbed.*;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All or nothing, and who may write. */
final class TransactionCases {
    private static final Map<String, Object> COMMITTED =
            Map.of("isolation.level", "read_committed");

    private TransactionCases() {}

    static Map<String, Testbed.Case> all() {
        Map<String, Testbed.Case> cases = new LinkedHashMap<>();
        cases.put("txn-commit", TransactionCases::commit);
        cases.put("txn-abort", TransactionCases::abort);
        cases.put("txn-open", TransactionCases::open);
        cases.put("txn-offsets", TransactionCases::offsets);
        cases.put("txn-fencing", TransactionCases::fencing);
        cases.put("txn-timeout", TransactionCases::timeout);
        cases.put("txn-describe", TransactionCases::describe);
        return cases;
    }

    private static KafkaProducer<String, String> begun(String id, Map<String, Object> extra) {
        Map<String, Object> settings = new LinkedHashMap<>(extra);
        settings.put("transactional.id", id);
        KafkaProducer<String, String> producer = producer(settings);
        producer.initTransactions();
        producer.beginTransaction();
        return producer;
    }

    private static void send(KafkaProducer<String, String> producer, String topic, String... values)
            throws Exception {
        int partition = 0;
        for (String value : values) {
            producer.send(new ProducerRecord<>(topic, partition++ % 2, null, value)).get();
        }
    }

    private static List<String> committed(String topic, int count) {
        try (KafkaConsumer<String, String> consumer = consumer(COMMITTED)) {
            consumer.assign(List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1)));
            List<String> values = new ArrayList<>();
            read(consumer, count).forEach(record -> values.add(record.value()));
            consumer.poll(Duration.ofMillis(300)).forEach(record -> values.add(record.value()));
            values.sort(null);
            return values;
        }
    }

    private static void commit(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        try (KafkaProducer<String, String> producer = begun(name, Map.of())) {
            send(producer, name, "a", "b");
            producer.commitTransaction();
            producer.beginTransaction();
            send(producer, name, "c");
            producer.commitTransaction();
        }
        equal(List.of("a", "b", "c"), committed(name, 3), "committed");
    }

    private static void abort(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        try (KafkaProducer<String, String> producer = begun(name, Map.of())) {
            send(producer, name, "never", "ever");
            producer.abortTransaction();
            producer.beginTransaction();
            send(producer, name, "kept");
            producer.commitTransaction();
        }
        equal(List.of("kept"), committed(name, 1), "committed");
        equal(2, readAll(name, 0, 2).size(), "uncommitted and committed");
    }

    private static void open(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        Testbed.send(name, 0, Map.of());
        TopicPartition where = new TopicPartition(name, 0);
        try (KafkaProducer<String, String> producer = begun(name, Map.of());
                KafkaConsumer<String, String> consumer = consumer(COMMITTED)) {
            send(producer, name, "waits");
            consumer.assign(List.of(where));
            check(consumer.poll(Duration.ofMillis(500)).isEmpty(), "an open transaction was seen");
            equal(0L, consumer.endOffsets(List.of(where)).get(where), "last stable offset");
            producer.commitTransaction();
            equal("waits", read(consumer, 1).get(0).value(), "committed");
        }
    }

    private static void offsets(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        TopicPartition where = new TopicPartition(name, 0);
        try (KafkaProducer<String, String> plain = producer(Map.of())) {
            for (int i = 0; i < 5; i++) {
                plain.send(new ProducerRecord<>(name, 0, null, "v" + i)).get();
            }
        }
        Map<String, Object> member = Map.of("group.id", name);
        try (KafkaProducer<String, String> producer = begun(name, Map.of());
                KafkaConsumer<String, String> consumer = consumer(member)) {
            consumer.subscribe(List.of(name));
            read(consumer, 5);
            producer.sendOffsetsToTransaction(
                    Map.of(where, new OffsetAndMetadata(3)), consumer.groupMetadata());
            producer.abortTransaction();
            check(
                    consumer.committed(java.util.Set.of(where)).get(where) == null,
                    "offsets of an aborted transaction are there");
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(
                    Map.of(where, new OffsetAndMetadata(5)), consumer.groupMetadata());
            producer.commitTransaction();
            equal(
                    5L,
                    consumer.committed(java.util.Set.of(where)).get(where).offset(),
                    "committed offset");
        }
    }

    private static void fencing(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        KafkaProducer<String, String> old = begun(name, Map.of());
        send(old, name, "old");
        try (KafkaProducer<String, String> young = begun(name, Map.of())) {
            send(young, name, "young");
            young.commitTransaction();
            expect(
                    ApiException.class,
                    () -> {
                        old.send(new ProducerRecord<>(name, 0, null, "late")).get();
                        old.commitTransaction();
                        return null;
                    });
        }
        old.close(Duration.ZERO);
        equal(List.of("young"), committed(name, 1), "committed");
    }

    private static void timeout(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        KafkaProducer<String, String> producer =
                begun(name, Map.of("transaction.timeout.ms", 1000));
        send(producer, name, "forgotten");
        try (KafkaProducer<String, String> other = producer(Map.of())) {
            other.send(new ProducerRecord<>(name, 0, null, "after")).get();
        }
        equal(List.of("after"), committed(name, 1), "committed");
        expect(
                ApiException.class,
                () -> {
                    producer.commitTransaction();
                    return null;
                });
        producer.close(Duration.ZERO);
    }

    private static void describe(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        try (KafkaProducer<String, String> producer = begun(name, Map.of())) {
            send(producer, name, "a", "b");
            TransactionDescription open = describe(admin, name);
            equal(TransactionState.ONGOING, open.state(), "state");
            equal(2, open.topicPartitions().size(), "partitions");
            settles(
                    () ->
                            admin.listTransactions().all().get().stream()
                                    .anyMatch(each -> each.transactionalId().equals(name)),
                    "it is not listed");
            producer.commitTransaction();
            await(
                    () -> describe(admin, name).state() == TransactionState.COMPLETE_COMMIT,
                    "it is not completed");
        }
    }

    private static TransactionDescription describe(Admin admin, String id) throws Exception {
        return admin.describeTransactions(List.of(id)).all().get().get(id);
    }
}
