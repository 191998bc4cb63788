package io.millrace.bench.lab.client;

import io.millrace.bench.lab.client.Guarantee.Consuming;
import io.millrace.bench.lab.client.Journal.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;

/** A member of a queue (share group) that works before it accepts, or after. */
public final class QueueMember implements Runnable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Row row;
    private final String name;
    private final boolean acceptFirst;

    public QueueMember(Row row, String name) {
        this.row = row;
        this.name = name;
        acceptFirst = row.guarantee().consuming() == Consuming.QUEUE_ACCEPT_FIRST;
    }

    @Override
    public void run() {
        while (row.isConsuming()) {
            KafkaShareConsumer<Long, Long> consumer = Clients.sharer(row);
            try {
                consumer.subscribe(List.of(row.topic()));
                work(consumer);
            } catch (KafkaException e) {
                // What it held goes back to the queue when its locks end.
                row.journal().note(name, Kind.CRASHED, -1, -1);
            } finally {
                consumer.close(Duration.ofSeconds(2));
            }
        }
    }

    private void work(KafkaShareConsumer<Long, Long> consumer) {
        while (row.isConsuming()) {
            ConsumerRecords<Long, Long> records = consumer.poll(POLL);
            if (records.isEmpty()) {
                continue;
            }
            if (acceptFirst) {
                List<ConsumerRecord<Long, Long>> mine = accepted(consumer, records);
                if (crashes()) {
                    return;
                }
                mine.forEach(this::deliver);
            } else {
                records.forEach(this::deliver);
                if (crashes()) {
                    return;
                }
                accepted(consumer, records);
            }
        }
    }

    private boolean crashes() {
        boolean crash = row.takeCrash();
        if (crash) {
            row.journal().note(name, Kind.CRASHED, -1, -1);
        }
        return crash;
    }

    private void deliver(ConsumerRecord<Long, Long> record) {
        row.journal().note(name, Kind.DELIVERED, record.value(), record.partition());
    }

    /** Accepts records, and gives those back whose acceptance the broker has stored. */
    private List<ConsumerRecord<Long, Long>> accepted(
            KafkaShareConsumer<Long, Long> consumer, ConsumerRecords<Long, Long> records) {
        records.forEach(record -> consumer.acknowledge(record, AcknowledgeType.ACCEPT));
        Map<TopicIdPartition, Optional<KafkaException>> outcomes = consumer.commitSync();
        row.journal().note(name, Kind.STORED, -1, -1);
        var stored = new ArrayList<ConsumerRecord<Long, Long>>();
        for (ConsumerRecord<Long, Long> record : records) {
            boolean accepted =
                    outcomes.entrySet().stream()
                            .anyMatch(outcome ->
                                    outcome.getKey().partition() == record.partition()
                                            && outcome.getValue().isEmpty());
            if (accepted) {
                stored.add(record);
            }
        }
        return stored;
    }
}
