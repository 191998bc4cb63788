package io.millrace.client.cli;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads stretches of partitions, belonging to no group. Used by one thread. */
final class TopicReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int LONGEST_TEXT = 120;

    private final KafkaConsumer<byte[], byte[]> consumer;

    TopicReader(Connection connection) {
        var bytes = new ByteArrayDeserializer();
        consumer =
                new KafkaConsumer<>(
                        connection.settings(
                                Map.of(
                                        "enable.auto.commit", "false",
                                        "allow.auto.create.topics", "false",
                                        "auto.offset.reset", "earliest")),
                        bytes,
                        bytes);
    }

    /** The partitions of a topic. */
    List<TopicPartition> partitions(String topic) {
        return consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    /** At most so many records from an offset on, up to the end as it is now. */
    List<ConsumerRecord<byte[], byte[]>> read(String topic, int index, long from, int most) {
        var partition = new TopicPartition(topic, index);
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long begin = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        consumer.assign(List.of(partition));
        consumer.seek(partition, Math.max(from, begin));
        while (records.size() < most && consumer.position(partition) < end) {
            for (var record : consumer.poll(POLL)) {
                if (records.size() < most && record.offset() < end) {
                    records.add(record);
                }
            }
        }
        return records;
    }

    /** Bytes as text for a table, shortened. */
    static String text(byte @Nullable [] bytes) {
        if (bytes == null) {
            return "-";
        }
        String text = new String(bytes, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "...";
    }

    @Override
    public void close() {
        consumer.close();
    }
}
