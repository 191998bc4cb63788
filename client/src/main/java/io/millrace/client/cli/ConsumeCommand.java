package io.millrace.client.cli;

import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace consume}: records become lines of standard output. */
@Command(
        name = "consume",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a topic's records as they come, until stopped.",
            "Starts at the end, or where --from says; --until-end stops at the end."
        })
final class ConsumeCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(200);

    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "TOPIC")
    String topic = "";

    @Option(names = {"-b", "--from-beginning"})
    boolean fromBeginning;

    @Option(
            names = "--from",
            paramLabel = "START",
            description = "An offset, -N (before the end), @TIME (ISO or ms), beginning or end.")
    @Nullable String from;

    @Option(
            names = {"-e", "--until-end"},
            description = "Stops when all is read that is there now.")
    boolean untilEnd;

    @Option(
            names = {"-g", "--group"},
            description = "Shares the partitions, and commits.")
    @Nullable String group;

    @Option(names = {"-p", "--partition"})
    @Nullable Integer partition;

    @Option(
            names = {"-n", "--max-messages"},
            defaultValue = "9223372036854775807")
    long maxMessages = Long.MAX_VALUE;

    @Option(names = "--json", description = "One object a line.")
    boolean json;

    @Option(names = "--keys")
    boolean keys;

    @Option(names = "--headers")
    boolean headers;

    @Option(
            names = {"-f", "--format"},
            description = "As kcat's: %%t %%p %%o %%k %%s %%h %%T \\n.")
    @Nullable String format;

    @Override
    public Integer call() {
        StartPoint start =
                StartPoint.parse(
                        from != null ? from : fromBeginning || untilEnd ? "beginning" : "end");
        var lines = new RecordFormat(json, keys, headers, format);
        var settings = new HashMap<String, Object>();
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", start instanceof StartPoint.End ? "latest" : "earliest");
        settings.put("allow.auto.create.topics", false);
        if (group != null) {
            settings.put("group.id", group);
        }
        var bytes = new ByteArrayDeserializer();
        var out =
                new PrintWriter(
                        new BufferedWriter(
                                new OutputStreamWriter(System.out, StandardCharsets.UTF_8)));
        var done = new CountDownLatch(1);
        try (var consumer = new KafkaConsumer<>(connection.settings(settings), bytes, bytes)) {
            stopOnSignal(consumer, done);
            position(consumer, start);
            print(consumer, lines, out);
        } catch (WakeupException stopped) {
            out.flush();
        } finally {
            out.flush();
            done.countDown();
        }
        return 0;
    }

    /** Ctrl-C ends the poll; the process waits until what was read is committed and printed. */
    private static void stopOnSignal(KafkaConsumer<?, ?> consumer, CountDownLatch done) {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> {
                            if (done.getCount() > 0) {
                                consumer.wakeup();
                                await(done);
                            }
                        }));
    }

    private static void await(CountDownLatch done) {
        try {
            if (!done.await(5, TimeUnit.SECONDS)) {
                System.err.println("millrace: the consumer did not stop in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void position(KafkaConsumer<byte[], byte[]> consumer, StartPoint start) {
        if (group != null) {
            consumer.subscribe(List.of(topic));
            return;
        }
        List<TopicPartition> partitions = partitions(consumer);
        consumer.assign(partitions);
        switch (start.getClass().getSimpleName()) {
            case "Beginning" -> consumer.seekToBeginning(partitions);
            case "End" -> consumer.seekToEnd(partitions);
            default -> partitions.forEach(where -> seek(consumer, where, start));
        }
    }

    private static void seek(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition where, StartPoint start) {
        long end = consumer.endOffsets(List.of(where)).getOrDefault(where, 0L);
        if (start instanceof StartPoint.Offset at) {
            consumer.seek(where, at.offset());
        } else if (start instanceof StartPoint.BeforeEnd before) {
            long first = consumer.beginningOffsets(List.of(where)).getOrDefault(where, 0L);
            consumer.seek(where, Math.max(first, end - before.records()));
        } else if (start instanceof StartPoint.At at) {
            var found = consumer.offsetsForTimes(Map.of(where, at.timestampMs())).get(where);
            consumer.seek(where, found == null ? end : found.offset());
        }
    }

    private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
        var found = consumer.partitionsFor(topic);
        if (found == null || found.isEmpty()) {
            throw new CliException("there is no topic " + topic);
        }
        var partitions = new ArrayList<TopicPartition>();
        for (var each : found) {
            if (partition == null || partition == each.partition()) {
                partitions.add(new TopicPartition(topic, each.partition()));
            }
        }
        if (partitions.isEmpty()) {
            throw new CliException("topic " + topic + " has no partition " + partition);
        }
        return partitions;
    }

    /** Prints records; with a group it commits those, and only those, that reached the output. */
    void print(Consumer<byte[], byte[]> consumer, RecordFormat lines, PrintWriter out) {
        long left = maxMessages;
        while (left > 0 && !out.checkError()) {
            var printed = new HashMap<TopicPartition, OffsetAndMetadata>();
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (left > 0) {
                    out.print(lines.format(record));
                    printed.put(
                            new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1));
                    left--;
                }
            }
            if (!out.checkError() && group != null && !printed.isEmpty()) {
                consumer.commitSync(printed);
            }
            if (untilEnd && records.isEmpty() && isAtEnd(consumer)) {
                return;
            }
        }
    }

    private static boolean isAtEnd(Consumer<byte[], byte[]> consumer) {
        Collection<TopicPartition> assigned = consumer.assignment();
        var ends = consumer.endOffsets(assigned);
        return !assigned.isEmpty()
                && assigned.stream()
                        .allMatch(
                                where -> consumer.position(where) >= ends.getOrDefault(where, 0L));
    }
}
