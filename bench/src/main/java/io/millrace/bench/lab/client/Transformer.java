package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Step;
import io.millrace.bench.history.Place;
import io.millrace.bench.lab.client.Journal.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Copies records to a topic of results, each batch in one transaction with its position. */
public final class Transformer implements Runnable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Row row;
    private final String name;

    public Transformer(Row row, String name) {
        this.row = row;
        this.name = name;
    }

    @Override
    public void run() {
        while (row.isConsuming()) {
            KafkaConsumer<Long, Long> consumer = Clients.member(row);
            KafkaProducer<Long, Long> producer = Clients.transactional(row, name);
            try {
                producer.initTransactions();
                consumer.subscribe(List.of(row.topic()));
                work(consumer, producer);
            } catch (KafkaException e) {
                // Its transaction is aborted by whoever comes next, or by its timeout.
                row.journal().note(name, Kind.CRASHED, -1, -1);
            } finally {
                producer.close(Duration.ZERO);
                consumer.close(
                        CloseOptions.timeout(Duration.ZERO)
                                .withGroupMembershipOperation(
                                        CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
            }
        }
    }

    private void work(KafkaConsumer<Long, Long> consumer, KafkaProducer<Long, Long> producer) {
        while (row.isConsuming()) {
            ConsumerRecords<Long, Long> records = consumer.poll(POLL);
            if (!records.isEmpty() && !transaction(consumer, producer, records)) {
                row.journal().note(name, Kind.CRASHED, -1, -1);
                return;
            }
        }
    }

    /** Whether it came through; false if it crashed in the middle. */
    private boolean transaction(
            KafkaConsumer<Long, Long> consumer,
            KafkaProducer<Long, Long> producer,
            ConsumerRecords<Long, Long> records) {
        long beganNs = System.nanoTime();
        long attempt = row.nextAttempt();
        Outcome outcome = Outcome.FAILED;
        var answers = new ArrayList<Future<RecordMetadata>>();
        try {
            producer.beginTransaction();
            for (ConsumerRecord<Long, Long> record : records) {
                answers.add(
                        producer.send(
                                new ProducerRecord<>(
                                        row.lastTopic(),
                                        record.partition(),
                                        attempt,
                                        record.value())));
            }
            producer.sendOffsetsToTransaction(positions(records), consumer.groupMetadata());
            if (row.takeCrash()) {
                return false;
            }
            outcome = Outcome.UNKNOWN;
            producer.commitTransaction();
            outcome = Outcome.OK;
            row.journal().note(name, Kind.STORED, -1, -1);
            return true;
        } finally {
            row.operation(name, beganNs, outcome, steps(attempt, records, answers));
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> positions(
            ConsumerRecords<Long, Long> records) {
        var positions = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (TopicPartition partition : records.partitions()) {
            long next = records.records(partition).getLast().offset() + 1;
            positions.put(partition, new OffsetAndMetadata(next));
        }
        return positions;
    }

    private List<Step> steps(
            long attempt,
            ConsumerRecords<Long, Long> records,
            List<Future<RecordMetadata>> answers) {
        var steps = new ArrayList<Step>();
        int i = 0;
        for (ConsumerRecord<Long, Long> record : records) {
            long offset = i < answers.size() ? TransactionalSender.offset(answers.get(i)) : -1;
            steps.add(
                    new Step.Sent(
                            new Place(row.lastTopic(), record.partition()),
                            Clients.ofAttempt(attempt, record.value()),
                            offset));
            i++;
        }
        return steps;
    }
}
