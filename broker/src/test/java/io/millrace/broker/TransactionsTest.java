package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions of the stock client, with an epoch a transaction and without. */
@Timeout(120)
final class TransactionsTest {
    private static final StringSerializer TEXT = new StringSerializer();
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);

    @TempDir Path folder = Path.of("unset");
    private @Nullable Millrace running;
    private @Nullable Admin administrator;

    private void start(int transactionVersion) throws ExecutionException, InterruptedException {
        running =
                Millrace.start(
                        BrokerConfig.of(
                                Map.of(
                                        BrokerKeys.DATA_DIR,
                                        folder.toString(),
                                        BrokerKeys.PORT,
                                        "0",
                                        "group.initial.rebalance.delay.ms",
                                        "0",
                                        "transaction.state.log.num.partitions",
                                        "3",
                                        "offsets.topic.num.partitions",
                                        "3")));
        administrator = Admin.create(Map.of("bootstrap.servers", broker().bootstrapServers()));
        if (admin().listTopics().names().get().isEmpty()) {
            admin().createTopics(List.of(new NewTopic("t", 2, (short) 1))).all().get();
        }
        admin().updateFeatures(
                        Map.of(
                                "transaction.version",
                                new FeatureUpdate(
                                        (short) transactionVersion, UpgradeType.SAFE_DOWNGRADE)),
                        new UpdateFeaturesOptions())
                .all()
                .get();
    }

    private Millrace broker() {
        return Objects.requireNonNull(running);
    }

    private Admin admin() {
        return Objects.requireNonNull(administrator);
    }

    @AfterEach
    void stop() {
        admin().close();
        broker().close();
    }

    private KafkaProducer<String, String> producer(String id, Map<String, Object> more) {
        var settings = new HashMap<String, Object>(more);
        settings.put("bootstrap.servers", broker().bootstrapServers());
        settings.put("transactional.id", id);
        return new KafkaProducer<>(settings, TEXT, TEXT);
    }

    private KafkaProducer<String, String> producer(String id) {
        return producer(id, Map.of());
    }

    private static ProducerRecord<String, String> record(int partition, String value) {
        return new ProducerRecord<>("t", partition, null, value);
    }

    private KafkaConsumer<String, String> consumer(String isolation, String group) {
        var text = new StringDeserializer();
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker().bootstrapServers(),
                        "group.id",
                        group,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        "false",
                        "isolation.level",
                        isolation),
                text,
                text);
    }

    private List<String> read(String isolation, int count) {
        var values = new ArrayList<String>();
        try (var consumer = consumer(isolation, "reader")) {
            consumer.assign(List.of(T0, T1));
            consumer.seekToBeginning(List.of(T0, T1));
            for (int polls = 0; polls < 100 && values.size() < count; polls++) {
                consumer.poll(Duration.ofMillis(100)).forEach(each -> values.add(each.value()));
            }
            consumer.poll(Duration.ofMillis(100)).forEach(each -> values.add(each.value()));
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatIsCommittedIsSeenAndWhatIsAbortedIsNot(int version)
            throws ExecutionException, InterruptedException {
        start(version);
        try (var producer = producer("tx")) {
            producer.initTransactions();
            for (int i = 0; i < 6; i++) {
                producer.beginTransaction();
                var _ = producer.send(record(i % 2, "a" + i));
                var _ = producer.send(record((i + 1) % 2, "b" + i));
                if (i % 3 == 1) {
                    producer.flush();
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }

        assertThat(read("read_committed", 8))
                .containsExactlyInAnyOrder("a0", "b0", "a2", "b2", "a3", "b3", "a5", "b5");
        assertThat(read("read_uncommitted", 12)).hasSize(12);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anOpenTransactionHoldsReadersBackUntilItEnds(int version)
            throws ExecutionException, InterruptedException {
        start(version);
        try (var producer = producer("tx");
                var plain =
                        new KafkaProducer<>(
                                Map.of("bootstrap.servers", broker().bootstrapServers()),
                                TEXT,
                                TEXT)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(record(0, "open")).get();
            plain.send(record(0, "plain")).get();
            assertThat(latest(IsolationLevel.READ_COMMITTED)).isZero();
            assertThat(latest(IsolationLevel.READ_UNCOMMITTED)).isEqualTo(2);

            producer.commitTransaction();

            assertThat(read("read_committed", 2)).containsExactly("open", "plain");
            assertThat(latest(IsolationLevel.READ_COMMITTED)).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void manySmallBatchesInFlightKeepTheirOrderAcrossTransactions(int version)
            throws ExecutionException, InterruptedException {
        start(version);
        var expected = new ArrayList<String>();
        try (var producer = producer("tx", Map.of("batch.size", 1, "linger.ms", 0))) {
            producer.initTransactions();
            for (int i = 0; i < 20; i++) {
                producer.beginTransaction();
                for (int k = 0; k < 20; k++) {
                    expected.add(i + "-" + k);
                    var _ = producer.send(record(0, i + "-" + k));
                }
                producer.commitTransaction();
            }
        }

        assertThat(read("read_committed", 400)).isEqualTo(expected);
    }

    private long latest(IsolationLevel isolation) throws ExecutionException, InterruptedException {
        return admin().listOffsets(
                        Map.of(T0, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
                .partitionResult(T0)
                .get()
                .offset();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aSecondSessionFencesTheFirstAndAbortsWhatItLeftOpen(int version)
            throws ExecutionException, InterruptedException {
        start(version);
        try (var first = producer("tx");
                var second = producer("tx")) {
            first.initTransactions();
            first.beginTransaction();
            first.send(record(0, "lost")).get();

            second.initTransactions();

            assertThatThrownBy(
                            () -> {
                                first.send(record(0, "late")).get();
                                first.commitTransaction();
                            })
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(ProducerFencedException.class),
                            e -> assertThat(e).hasRootCauseInstanceOf(KafkaException.class));
            second.beginTransaction();
            var _ = second.send(record(0, "kept"));
            second.commitTransaction();
            assertThat(read("read_committed", 1)).containsExactly("kept");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void offsetsAndRecordsCommitTogether(int version)
            throws ExecutionException, InterruptedException {
        start(version);
        try (var plain =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker().bootstrapServers()), TEXT, TEXT)) {
            for (int i = 0; i < 10; i++) {
                plain.send(record(0, "in" + i)).get();
            }
        }
        try (var producer = producer("tx");
                var consumer = consumer("read_committed", "transform")) {
            producer.initTransactions();
            consumer.subscribe(List.of("t"));
            var seen = new ArrayList<String>();
            for (int polls = 0; polls < 200 && seen.size() < 10; polls++) {
                for (var each : consumer.poll(Duration.ofMillis(100))) {
                    seen.add(each.value());
                    transform(producer, consumer.groupMetadata(), each.value(), each.offset());
                }
            }
            assertThat(seen).hasSize(10);
        }

        assertThat(committed("transform")).isEqualTo(10);
        assertThat(read("read_committed", 18).stream().filter(each -> each.startsWith("out")))
                .hasSize(8);
    }

    /** Transactions 3 and 7 are aborted at first, and tried again. */
    private static void transform(
            KafkaProducer<String, String> producer,
            ConsumerGroupMetadata group,
            String value,
            long offset) {
        boolean skips = offset == 3 || offset == 7;
        producer.beginTransaction();
        var _ = producer.send(record(1, "out" + value));
        producer.sendOffsetsToTransaction(Map.of(T0, new OffsetAndMetadata(offset + 1)), group);
        if (skips) {
            producer.abortTransaction();
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(Map.of(T0, new OffsetAndMetadata(offset + 1)), group);
        }
        producer.commitTransaction();
    }

    private long committed(String group) throws ExecutionException, InterruptedException {
        var offsets = admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata();
        return Objects.requireNonNull(offsets.get().get(T0)).offset();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aTransactionThatTimesOutIsAbortedAndItsProducerFenced(int version)
            throws ExecutionException, InterruptedException {
        start(version);
        try (var producer = producer("tx", Map.of("transaction.timeout.ms", 300))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(record(0, "late")).get();

            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(state("tx")).isEqualTo(TransactionState.COMPLETE_ABORT));

            assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
            assertThat(latest(IsolationLevel.READ_COMMITTED)).isEqualTo(2);
        }
    }

    private TransactionState state(String id) throws ExecutionException, InterruptedException {
        return admin().describeTransactions(List.of(id)).description(id).get().state();
    }

    @Test
    void anOpenTransactionOutlivesARestartAndCanBeAbortedByAnAdministrator()
            throws ExecutionException, InterruptedException {
        start(2);
        try (var producer = producer("tx")) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(record(0, "open")).get();
            producer.close(Duration.ZERO);
            admin().close();
            broker().close();
        }
        start(2);
        assertThat(state("tx")).isEqualTo(TransactionState.ONGOING);
        var producers = admin().describeProducers(List.of(T0)).partitionResult(T0).get();
        var open = producers.activeProducers().getFirst();
        assertThat(open.currentTransactionStartOffset()).hasValue(0);
        assertThat(latest(IsolationLevel.READ_COMMITTED)).isZero();

        admin().abortTransaction(
                        new AbortTransactionSpec(
                                T0, open.producerId(), (short) open.producerEpoch(), 0))
                .all()
                .get();

        assertThat(latest(IsolationLevel.READ_COMMITTED)).isEqualTo(2);
        assertThat(read("read_committed", 1)).isEmpty();
        assertThat(admin().listTransactions().all().get()).hasSize(1);
    }

    @Test
    void transactionsAreListedByARegularExpressionOfTheirId()
            throws ExecutionException, InterruptedException {
        start(2);
        for (String id : List.of("orders-1", "orders-2", "other-orders-1")) {
            try (var producer = producer(id)) {
                producer.initTransactions();
            }
        }

        assertThat(listed("orders-.*")).containsExactlyInAnyOrder("orders-1", "orders-2");
        assertThat(listed(".*1")).containsExactlyInAnyOrder("orders-1", "other-orders-1");
        assertThat(listed("orders")).isEmpty();
        assertThat(listed("")).hasSize(3);
        assertThatThrownBy(() -> listed("orders-["))
                .hasCauseInstanceOf(InvalidRegularExpression.class);
    }

    private List<String> listed(String pattern) throws ExecutionException, InterruptedException {
        var options = new ListTransactionsOptions().filterOnTransactionalIdPattern(pattern);
        return admin().listTransactions(options).all().get().stream()
                .map(TransactionListing::transactionalId)
                .toList();
    }
}
