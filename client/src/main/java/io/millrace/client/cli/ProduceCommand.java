package io.millrace.client.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
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
        description = "Sends the lines of standard input to a topic, a record each.")
final class ProduceCommand implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "TOPIC")
    String topic = "";

    @Option(
            names = {"-K", "--key-separator"},
            description = "What ends the key in a line.")
    @Nullable String keySeparator;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME=VALUE",
            description = "Of every record.")
    @Nullable Map<String, String> headers;

    @Option(
            names = "--json",
            description = "Lines are objects: key, value, headers, partition, timestamp.")
    boolean json;

    @Option(names = "--null", paramLabel = "TEXT", description = "A value that means a tombstone.")
    @Nullable String nullMarker;

    @Option(names = {"-p", "--partition"})
    @Nullable Integer partition;

    @Option(
            names = {"-z", "--compression"},
            defaultValue = "none",
            description = "none, gzip, snappy, lz4 or zstd.")
    String compression = "none";

    @Option(names = "--acks", defaultValue = "all", description = "0, 1 or all.")
    String acks = "all";

    @Option(
            names = {"-X", "--property"},
            paramLabel = "KEY=VALUE",
            description = "Of the producer.")
    @Nullable Map<String, String> properties;

    @Override
    public Integer call() throws IOException {
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
        try (var producer = new KafkaProducer<>(connection.settings(settings), bytes, bytes);
                var in =
                        new BufferedReader(
                                new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine();
                    line != null && failure.get() == null;
                    line = in.readLine()) {
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
}
