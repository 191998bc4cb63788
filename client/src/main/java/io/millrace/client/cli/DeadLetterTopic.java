package io.millrace.client.cli;

import io.millrace.client.cli.text.CliException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** Where a group's dead letters are (KIP-1191), which other groups may share. */
record DeadLetterTopic(String group, String topic) {
    static final String PREFIX = "__dlq.errors.";

    /** A dead letter. */
    record Letter(ConsumerRecord<byte[], byte[]> record) {
        String header(String name) {
            Header header = record.headers().lastHeader(PREFIX + name);
            return header == null || header.value() == null
                    ? ""
                    : new String(header.value(), StandardCharsets.UTF_8);
        }

        String topic() {
            return header("topic");
        }

        int partition() {
            return (int) number("partition");
        }

        long offset() {
            return number("offset");
        }

        private long number(String name) {
            String value = header(name);
            return value.matches("\\d{1,18}") ? Long.parseLong(value) : -1;
        }
    }

    static DeadLetterTopic of(Admin admin, String group) {
        String setting = "errors.deadletterqueue.topic.name";
        String topic = QueueStatus.of(admin, group).setting(setting);
        if (topic.isEmpty()) {
            topic = QueueStatus.existing(admin, group).setting(setting);
        }
        if (topic.isEmpty()) {
            throw new CliException(
                    "the group %s has no dead-letter topic: set errors.deadletterqueue.topic.name"
                            .formatted(group));
        }
        return new DeadLetterTopic(group, topic);
    }

    /** Whether a letter is of this group. */
    boolean owns(Letter letter) {
        return letter.header("group").equals(group);
    }

    /** The first letters of the group, at most so many. */
    List<Letter> read(TopicReader reader, int most) {
        var letters = new ArrayList<Letter>();
        for (TopicPartition partition : reader.partitions(topic)) {
            for (var record : reader.read(topic, partition.partition(), 0, Integer.MAX_VALUE)) {
                var letter = new Letter(record);
                if (letters.size() < most && owns(letter)) {
                    letters.add(letter);
                }
            }
        }
        return letters;
    }
}
