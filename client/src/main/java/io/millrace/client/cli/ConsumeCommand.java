package io.millrace.client.cli;

import io.millrace.client.cli.text.CliException;
import io.millrace.client.cli.text.RecordFormat;
import io.millrace.client.cli.text.WrongUseException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
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
        sortOptions = false,
        description = {
            "Prints a topic's records as they come, until stopped.",
            "Starts at the end, or where --from says; a group goes on where it has committed.",
            "POINT is an offset (the nearest that there is), -N (so many before the end), @TIME (2026-11-24T12:00:00Z, or"
                    + " milliseconds), beginning or end."
        })
final class ConsumeCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final StartPoint END = new StartPoint.End();

    @Parameters(paramLabel = "TOPIC")
    String topic = "";

    @Option(
            names = {"-b", "--from-beginning"},
            description = "From the first record; a group only if it has committed nothing yet.")
    boolean fromBeginning;

    @Option(
            names = "--from",
            paramLabel = "POINT",
            description = "Where to start; also a group that has committed elsewhere.")
    @Nullable String from;

    @Option(
            names = {"-e", "--until-end"},
            description = "Stops when all is read that is there now.")
    boolean untilEnd;

    @Option(
            names = "--until",
            paramLabel = "POINT",
            description = "Stops before that point, or at the end if it lies behind it.")
    @Nullable String until;

    @Option(
            names = {"-n", "--max-messages"},
            paramLabel = "N",
            description = "Stops after so many records.")
    long maxMessages = Long.MAX_VALUE;

    @Option(
            names = {"-g", "--group"},
            paramLabel = "GROUP",
            description = "Shares the partitions with the group's other members, and commits.")
    @Nullable String group;

    @Option(
            names = {"-p", "--partition"},
            paramLabel = "N",
            description = "Of this partition only.")
    @Nullable Integer partition;

    @Option(names = "--json", description = "Prints each record as a JSON object.")
    boolean json;

    @Option(names = "--keys", description = "Prints the key and a tab before the value.")
    boolean keys;

    @Option(names = "--headers", description = "Prints the headers and a tab first.")
    boolean headers;

    @Option(
            names = {"-f", "--format"},
            description =
                    "As kcat's: %%t topic, %%p partition, %%o offset, %%k key, %%s value, %%h headers, %%T time, \\n.")
    @Nullable String format;

    @Mixin Connection connection = new Connection();

    @Override
    public Integer call() {
        StartPoint stop = until != null ? StartPoint.parse(until) : untilEnd ? END : null;
        StartPoint start = from != null ? StartPoint.parse(from) : defaultStart();
        if (group != null && partition != null) {
            throw new WrongUseException(
                    "--partition has no meaning with --group: the group shares out");
        }
        var lines = new RecordFormat(json, keys, headers, format);
        var bytes = new ByteArrayDeserializer();
        var out =
                new PrintStream(
                        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false);
        var done = new CountDownLatch(1);
        try (var consumer = new KafkaConsumer<>(connection.reachable(settings()), bytes, bytes)) {
            stopOnSignal(consumer, done);
            var range = new ReadRange(consumer, start, stop);
            assign(consumer, range);
            print(consumer, range, lines, out);
        } catch (WakeupException stopped) {
            out.flush();
        } finally {
            out.flush();
            done.countDown();
        }
        return 0;
    }

    private @Nullable StartPoint defaultStart() {
        return group != null ? null : readsWhatIsThere() ? new StartPoint.Beginning() : END;
    }

    private boolean readsWhatIsThere() {
        return fromBeginning || untilEnd || until != null;
    }

    private Map<String, Object> settings() {
        var settings = new HashMap<String, Object>();
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", readsWhatIsThere() ? "earliest" : "latest");
        settings.put("allow.auto.create.topics", false);
        if (group != null) {
            settings.put("group.id", group);
        }
        return settings;
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

    private void assign(KafkaConsumer<byte[], byte[]> consumer, ReadRange range) {
        List<TopicPartition> partitions = partitions(consumer);
        if (group != null) {
            consumer.subscribe(List.of(topic), range);
        } else {
            consumer.assign(partitions);
            range.onPartitionsAssigned(partitions);
        }
    }

    private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
        var found = known(consumer);
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

    private List<PartitionInfo> known(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            var found = consumer.partitionsFor(topic);
            if (found != null && !found.isEmpty()) {
                return found;
            }
        } catch (UnknownTopicOrPartitionException e) {
            // said below, as where the answer is empty
        }
        throw new CliException(
                "there is no topic %s: make it with 'millrace topic create %s'"
                        .formatted(topic, topic));
    }

    /** Prints records; with a group it commits those, and only those, that reached the output. */
    void print(
            Consumer<byte[], byte[]> consumer,
            ReadRange range,
            RecordFormat lines,
            PrintStream out) {
        long left = maxMessages;
        while (left > 0 && !out.checkError()) {
            var printed = new HashMap<TopicPartition, OffsetAndMetadata>();
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (left > 0 && range.includes(record)) {
                    out.writeBytes(lines.format(record));
                    printed.put(
                            new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1));
                    left--;
                }
            }
            if (!out.checkError() && group != null && !printed.isEmpty()) {
                consumer.commitSync(printed);
            }
            if (range.isDone()) {
                return;
            }
        }
    }
}
