package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Step;
import io.millrace.bench.history.Place;
import io.millrace.bench.lab.client.Journal.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads every partition of a topic from the beginning, with its position in its own hands: what it
 * takes and how far it is are one. It follows the results of a {@link Transformer}, and reads each
 * log once more at the end.
 */
public final class Watcher implements Runnable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Row row;
    private final String name;
    private final Map<TopicPartition, Long> positions = new HashMap<>();

    public Watcher(Row row, String name) {
        this.row = row;
        this.name = name;
    }

    @Override
    public void run() {
        while (row.isConsuming()) {
            try (KafkaConsumer<Long, Long> consumer = Clients.watcher(row)) {
                begin(consumer, row.lastTopic());
                positions.forEach(consumer::seek);
                while (row.isConsuming()) {
                    poll(consumer);
                }
            } catch (KafkaException e) {
                // It goes on where it was, as what it took is written down.
                row.journal().note(name, Kind.CRASHED, -1, -1);
            }
        }
    }

    private void poll(KafkaConsumer<Long, Long> consumer) {
        long beganNs = System.nanoTime();
        ConsumerRecords<Long, Long> records = consumer.poll(POLL);
        for (ConsumerRecord<Long, Long> record : records) {
            row.journal().note(name, Kind.DELIVERED, record.value(), record.partition());
            positions.put(
                    new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
        }
        note(beganNs, records);
    }

    private List<TopicPartition> begin(KafkaConsumer<Long, Long> consumer, String topic) {
        List<TopicPartition> partitions =
                IntStream.range(0, Row.PARTITIONS)
                        .mapToObj(index -> new TopicPartition(topic, index))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        var places = new HashSet<Place>();
        partitions.forEach(one -> places.add(new Place(one.topic(), one.partition())));
        row.operation(name, System.nanoTime(), Outcome.OK, List.of(new Step.Assigned(places)));
        return partitions;
    }

    private void note(long beganNs, ConsumerRecords<Long, Long> records) {
        if (records.isEmpty()) {
            return;
        }
        row.operation(name, beganNs, Outcome.OK, List.of(Clients.polled(records)));
    }

    /**
     * Reads a topic whole and writes that into the history. Blocks.
     *
     * @throws KafkaException if its end is not reached in some time
     */
    public void readWhole(String topic) {
        try (KafkaConsumer<Long, Long> consumer = Clients.watcher(row)) {
            List<TopicPartition> partitions = begin(consumer, topic);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long untilNs = System.nanoTime() + PATIENCE.toNanos();
            var left = new ArrayList<>(partitions);
            while (!left.isEmpty()) {
                if (System.nanoTime() > untilNs) {
                    throw new KafkaException(
                            "the end of " + topic + " was not reached in " + PATIENCE);
                }
                long beganNs = System.nanoTime();
                note(beganNs, consumer.poll(POLL));
                left.removeIf(one -> consumer.position(one) >= ends.getOrDefault(one, 0L));
            }
        }
    }
}
