package io.millrace.client.cli;

import io.millrace.client.cli.text.CliException;
import io.millrace.client.cli.text.LineReader;
import io.millrace.client.cli.text.RecordLine;
import io.millrace.client.cli.text.WrongUseException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace produce}: lines of standard input become records. */
@Command(
        name = "produce",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Sends the lines of standard input to a topic, a record each.")
final class ProduceCommand implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "TOPIC")
    String topic = "";

    @Option(
            names = {"-K", "--key-separator"},
            paramLabel = "TEXT",
            description = "What ends the key in a line.")
    @Nullable String keySeparator;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME=VALUE",
            description = "A header of every record.")
    @Nullable Map<String, String> headers;

    @Option(
            names = "--json",
            description = "Lines are objects: key, value, headers, partition, timestamp.")
    boolean json;

    @Option(names = "--null", paramLabel = "TEXT", description = "A value that means a tombstone.")
    @Nullable String nullMarker;

    @Option(
            names = {"-p", "--partition"},
            paramLabel = "N",
            description = "To this partition; else by key, or spread.")
    @Nullable Integer partition;

    @Option(
            names = {"-z", "--compression"},
            paramLabel = "CODEC",
            defaultValue = "none",
            description = "none, gzip, snappy, lz4 or zstd.")
    String compression = "none";

    @Option(
            names = "--acks",
            paramLabel = "ACKS",
            defaultValue = "all",
            description = "0, 1 or all.")
    String acks = "all";

    @Option(
            names = {"-X", "--property"},
            paramLabel = "KEY=VALUE",
            description = "A setting of the producer, as linger.ms=20.")
    @Nullable Map<String, String> properties;

    @Mixin Connection connection = new Connection();

    @Override
    public Integer call() throws IOException {
        if (partition != null && partition < 0) {
            throw new WrongUseException("--partition is at least 0, not " + partition);
        }
        var settings = new HashMap<String, Object>();
        settings.put("acks", acks);
        settings.put("enable.idempotence", acks.equals("all"));
        settings.put("compression.type", compression);
        settings.put("delivery.timeout.ms", 30_000);
        settings.put("max.block.ms", 8000);
        if (properties != null) {
            settings.putAll(properties);
        }
        var fixed = new ArrayList<Header>();
        if (headers != null) {
            headers.forEach((name, value) -> fixed.add(RecordLine.header(name, value)));
        }
        var lines =
                new RecordLine(
                        topic, partition, keySeparator, nullMarker, json, List.copyOf(fixed));
        var failure = new AtomicReference<@Nullable Exception>();
        var bytes = new ByteArraySerializer();
        var in = new LineReader(new BufferedInputStream(System.in));
        try (var producer = new KafkaProducer<>(connection.reachable(settings), bytes, bytes)) {
            requirePartition(producer);
            for (byte[] line = in.next(); line != null && failure.get() == null; line = in.next()) {
                var sent =
                        producer.send(
                                lines.parse(line),
                                (stored, problem) -> failure.compareAndSet(null, problem));
                if (sent.isCancelled()) {
                    break;
                }
            }
            producer.flush();
        }
        Exception problem = failure.get();
        if (problem != null) {
            throw new CliException("a record was not stored: " + MillraceCli.explain(problem));
        }
        return 0;
    }

    /**
     * A producer waits for a partition that there is not, and then seems to have lost the broker.
     */
    private void requirePartition(Producer<?, ?> producer) {
        if (partition != null) {
            int count = producer.partitionsFor(topic).size();
            if (partition >= count) {
                throw new CliException(
                        "topic %s has no partition %d, but 0 to %d"
                                .formatted(topic, partition, count - 1));
            }
        }
    }
}
