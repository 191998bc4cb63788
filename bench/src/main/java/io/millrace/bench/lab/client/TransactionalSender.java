package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Step;
import io.millrace.bench.history.Place;
import io.millrace.bench.lab.client.Journal.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/** Sends records in transactions of a few, of which it aborts some on purpose. */
public final class TransactionalSender implements Runnable {
    private static final String NAME = "producer";
    private static final int RECORDS = 5;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final double ABORTED_SHARE = 0.2;

    private final Row row;
    private final RandomGenerator random;

    public TransactionalSender(Row row, RandomGenerator random) {
        this.row = row;
        this.random = random;
    }

    @Override
    public void run() {
        while (row.isProducing()) {
            try (var sending = new Incarnation(Clients.transactional(row, NAME))) {
                sending.producer.initTransactions();
                while (row.isProducing()) {
                    sending.transaction();
                    LockSupport.parkNanos(PAUSE_NS);
                }
            } catch (KafkaException e) {
                // The next incarnation takes the transactional id over, and aborts what is open.
                row.journal().note(NAME, Kind.CRASHED, -1, -1);
            }
        }
    }

    /** A producer from its first transaction to its first failure. */
    private final class Incarnation implements AutoCloseable {
        private final KafkaProducer<Long, Long> producer;

        Incarnation(KafkaProducer<Long, Long> producer) {
            this.producer = producer;
        }

        void transaction() {
            long beganNs = System.nanoTime();
            var values = new ArrayList<Long>();
            var answers = new ArrayList<Future<RecordMetadata>>();
            Outcome outcome = Outcome.FAILED;
            try {
                producer.beginTransaction();
                for (int i = 0; i < RECORDS; i++) {
                    values.add(row.nextValue());
                    answers.add(send(values.getLast()));
                }
                producer.flush();
                if (random.nextDouble() < ABORTED_SHARE) {
                    producer.abortTransaction();
                } else {
                    outcome = Outcome.UNKNOWN;
                    producer.commitTransaction();
                    outcome = Outcome.OK;
                }
            } finally {
                ended(beganNs, outcome, values, answers);
            }
        }

        private Future<RecordMetadata> send(long value) {
            row.journal().note(NAME, Kind.SENT, value, Row.partitionOf(value));
            return producer.send(
                    new ProducerRecord<>(row.topic(), Row.partitionOf(value), null, value));
        }

        @Override
        public void close() {
            producer.close(Duration.ZERO);
        }
    }

    private void ended(
            long beganNs,
            Outcome outcome,
            List<Long> values,
            List<Future<RecordMetadata>> answers) {
        Kind kind =
                switch (outcome) {
                    case OK -> Kind.ACKNOWLEDGED;
                    case FAILED -> Kind.ABORTED;
                    case UNKNOWN -> Kind.NOT_ACKNOWLEDGED;
                };
        var steps = new ArrayList<Step>();
        for (int i = 0; i < values.size(); i++) {
            long value = values.get(i);
            long offset = i < answers.size() ? offset(answers.get(i)) : -1;
            row.journal().note(NAME, kind, value, Row.partitionOf(value));
            steps.add(new Step.Sent(new Place(row.topic(), Row.partitionOf(value)), value, offset));
        }
        row.operation(NAME, beganNs, outcome, steps);
    }

    /** The offset that a record was given; -1 if that is not known. */
    public static long offset(Future<RecordMetadata> answer) {
        if (answer.state() == Future.State.SUCCESS) {
            return answer.resultNow().offset();
        }
        return -1;
    }
}
