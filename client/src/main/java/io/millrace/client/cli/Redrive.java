package io.millrace.client.cli;

import io.millrace.client.cli.DeadLetterTopic.Letter;
import io.millrace.client.cli.text.CliException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends dead letters to the partitions that they came from. How far it has come is kept ({@link
 * RedriveProgress}) after what was sent is acknowledged: a run that is cut short may send some
 * letters twice, and none never.
 */
final class Redrive {
    private static final int CHUNK = 500;

    private final Connection connection;
    private final Admin admin;
    private final TopicReader reader;
    private final DeadLetterTopic letters;

    Redrive(Connection connection, Admin admin, TopicReader reader, DeadLetterTopic letters) {
        this.connection = connection;
        this.admin = admin;
        this.reader = reader;
        this.letters = letters;
    }

    /**
     * What came of it.
     *
     * @param gone letters that were no copies, and whose originals are not in the log any more
     */
    record Outcome(int sent, int gone) {}

    /** How many letters there are to send, at most so many. */
    int pending(int most) {
        var progress = RedriveProgress.of(admin, letters);
        int count = 0;
        for (TopicPartition partition : reader.partitions(letters.topic())) {
            var records = read(partition, progress.from(partition));
            while (!records.isEmpty() && count < most) {
                for (var record : records) {
                    count += letters.owns(new Letter(record)) ? 1 : 0;
                }
                records = read(partition, records.get(records.size() - 1).offset() + 1);
            }
        }
        return Math.min(count, most);
    }

    private List<ConsumerRecord<byte[], byte[]>> read(TopicPartition partition, long from) {
        return reader.read(partition.topic(), partition.partition(), from, CHUNK);
    }

    /** Sends at most so many. */
    Outcome execute(int most) {
        var bytes = new ByteArraySerializer();
        int sent = 0;
        int gone = 0;
        try (var producer =
                new KafkaProducer<>(
                        connection.settings(Map.of("acks", "all", "enable.idempotence", "true")),
                        bytes,
                        bytes)) {
            var progress = RedriveProgress.of(admin, letters);
            for (TopicPartition partition : reader.partitions(letters.topic())) {
                var records = read(partition, progress.from(partition));
                while (!records.isEmpty() && sent < most) {
                    Part part = send(producer, records, most - sent);
                    progress.reached(partition, part.next());
                    sent += part.sent();
                    gone += part.gone();
                    records = read(partition, records.get(records.size() - 1).offset() + 1);
                }
            }
        }
        return new Outcome(sent, gone);
    }

    /**
     * What came of some letters.
     *
     * @param next offset after the last
     */
    private record Part(int sent, int gone, long next) {}

    private Part send(
            KafkaProducer<byte[], byte[]> producer,
            List<ConsumerRecord<byte[], byte[]>> records,
            int most) {
        var pending = new ArrayList<Future<RecordMetadata>>();
        int gone = 0;
        long next = records.get(0).offset();
        for (var record : records) {
            var letter = new Letter(record);
            if (letters.owns(letter) && pending.size() == most) {
                break;
            }
            next = record.offset() + 1;
            if (letters.owns(letter)) {
                ConsumerRecord<byte[], byte[]> original = original(letter);
                if (original == null) {
                    gone++;
                } else {
                    pending.add(producer.send(again(letter, original)));
                }
            }
        }
        producer.flush();
        pending.forEach(Redrive::await);
        return new Part(pending.size(), gone, next);
    }

    private static void await(Future<RecordMetadata> sent) {
        try {
            sent.get();
        } catch (ExecutionException e) {
            throw new CliException("a dead letter could not be sent: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted");
        }
    }

    /** The record itself if the letter is a copy, else what its topic still has of it. */
    private @Nullable ConsumerRecord<byte[], byte[]> original(Letter letter) {
        if (letter.topic().isEmpty() || letter.partition() < 0 || letter.offset() < 0) {
            return null;
        }
        if (letter.record().key() != null || letter.record().value() != null) {
            return letter.record();
        }
        var found = reader.read(letter.topic(), letter.partition(), letter.offset(), 1);
        return found.isEmpty() || found.get(0).offset() != letter.offset() ? null : found.get(0);
    }

    private static ProducerRecord<byte[], byte[]> again(
            Letter letter, ConsumerRecord<byte[], byte[]> original) {
        var record =
                new ProducerRecord<>(
                        letter.topic(), letter.partition(), original.key(), original.value());
        for (Header header : original.headers()) {
            if (!header.key().startsWith(DeadLetterTopic.PREFIX)) {
                record.headers().add(header);
            }
        }
        return record;
    }
}
