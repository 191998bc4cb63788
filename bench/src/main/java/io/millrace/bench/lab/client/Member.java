package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Step;
import io.millrace.bench.history.Place;
import io.millrace.bench.lab.client.Guarantee.Consuming;
import io.millrace.bench.lab.client.Journal.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** A member of a consumer group that works before it commits, or after. */
public final class Member implements Runnable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Row row;
    private final String name;
    private final boolean commitFirst;
    private final Set<Place> fresh = new HashSet<>();

    public Member(Row row, String name) {
        this.row = row;
        this.name = name;
        commitFirst = row.guarantee().consuming() == Consuming.COMMIT_FIRST;
    }

    @Override
    public void run() {
        while (row.isConsuming()) {
            KafkaConsumer<Long, Long> consumer = Clients.member(row);
            boolean alive = false;
            try {
                consumer.subscribe(List.of(row.topic()), new Assignments());
                alive = work(consumer);
            } catch (KafkaException e) {
                // What it had polled was not committed: it is as dead to the group as after a
                // crash.
                row.journal().note(name, Kind.CRASHED, -1, -1);
            } finally {
                close(consumer, alive);
            }
        }
    }

    /** Whether it is to leave its group in good order. */
    private boolean work(KafkaConsumer<Long, Long> consumer) {
        while (row.isConsuming()) {
            long beganNs = System.nanoTime();
            ConsumerRecords<Long, Long> records = consumer.poll(POLL);
            if (!records.isEmpty()) {
                noteReads(beganNs, records);
                if (!(commitFirst
                        ? commitThenWork(consumer, records)
                        : workThenCommit(consumer, records))) {
                    row.journal().note(name, Kind.CRASHED, -1, -1);
                    return false;
                }
            }
        }
        return true;
    }

    private boolean commitThenWork(
            KafkaConsumer<Long, Long> consumer, ConsumerRecords<Long, Long> records) {
        commit(consumer, records);
        if (row.takeCrash()) {
            return false;
        }
        deliver(records);
        return true;
    }

    private boolean workThenCommit(
            KafkaConsumer<Long, Long> consumer, ConsumerRecords<Long, Long> records) {
        deliver(records);
        if (row.takeCrash()) {
            return false;
        }
        commit(consumer, records);
        return true;
    }

    private void deliver(ConsumerRecords<Long, Long> records) {
        for (ConsumerRecord<Long, Long> record : records) {
            row.journal().note(name, Kind.DELIVERED, record.value(), record.partition());
        }
    }

    private void commit(KafkaConsumer<Long, Long> consumer, ConsumerRecords<Long, Long> records) {
        long beganNs = System.nanoTime();
        var steps = new ArrayList<Step>();
        for (TopicPartition partition : records.partitions()) {
            long next = records.records(partition).getLast().offset() + 1;
            steps.add(new Step.Committed(row.group(), place(partition), next));
        }
        Outcome outcome = Outcome.UNKNOWN;
        try {
            consumer.commitSync();
            outcome = Outcome.OK;
            row.journal().note(name, Kind.STORED, -1, -1);
        } finally {
            row.operation(name, beganNs, outcome, steps);
        }
    }

    private void noteReads(long beganNs, ConsumerRecords<Long, Long> records) {
        var steps = new ArrayList<Step>();
        for (TopicPartition partition : records.partitions()) {
            if (fresh.remove(place(partition))) {
                long first = records.records(partition).getFirst().offset();
                steps.add(new Step.Resumed(row.group(), place(partition), first));
            }
        }
        steps.add(Clients.polled(records));
        row.operation(name, beganNs, Outcome.OK, steps);
    }

    private static Place place(TopicPartition partition) {
        return new Place(partition.topic(), partition.partition());
    }

    private static void close(KafkaConsumer<Long, Long> consumer, boolean alive) {
        consumer.close(
                CloseOptions.timeout(alive ? Duration.ofSeconds(5) : Duration.ZERO)
                        .withGroupMembershipOperation(
                                alive
                                        ? CloseOptions.GroupMembershipOperation.LEAVE_GROUP
                                        : CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
    }

    /** Writes down which partitions it has, and that it begins anew in those that it is given. */
    private final class Assignments implements ConsumerRebalanceListener {
        private final Set<Place> held = new HashSet<>();

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            held.removeAll(places(partitions));
            note();
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            onPartitionsRevoked(partitions);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            note();
            held.addAll(places(partitions));
            fresh.addAll(places(partitions));
            note();
        }

        private static Set<Place> places(Collection<TopicPartition> partitions) {
            return partitions.stream().map(Member::place).collect(Collectors.toSet());
        }

        private void note() {
            row.operation(name, System.nanoTime(), Outcome.OK, List.of(new Step.Assigned(held)));
        }
    }
}
