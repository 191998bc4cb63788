package io.millrace.bench.compare;

import io.millrace.bench.load.LoadResult;
import io.millrace.bench.load.Payload;
import io.millrace.bench.load.ProcessFigures;
import io.millrace.bench.load.ProduceLoad;
import io.millrace.bench.load.Target;
import io.millrace.bench.report.Machine;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts the same load on one broker with this load generator and with producer-perf-test. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description =
                "Runs this bench's load generator and Kafka's producer-perf-test in turn against"
                        + " one Apache Kafka, at a rate that both reach and at full speed, and prints"
                        + " what each saw and what it cost the broker.")
public final class Validate implements Callable<Integer> {
    private static final Subject OURS = new Subject("bench load", "load", List.of());
    private static final Subject THEIRS = new Subject("producer-perf-test", "load", List.of());
    private static final int PARTITIONS = 6;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--rate", description = "records/s that both reach (${DEFAULT-VALUE})")
    private int rate = 20_000;

    @Option(names = "--seconds", description = "of each load (${DEFAULT-VALUE})")
    private int seconds = 8;

    @Option(names = "--rounds", description = "${DEFAULT-VALUE}")
    private int rounds = 2;

    @Option(names = "--record-size", description = "bytes (${DEFAULT-VALUE})")
    private int recordSize = 1024;

    @Option(names = "--dir", description = "where the broker keeps its data (the temp folder)")
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--out", description = "the report's JSON file (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/validate.json");

    @Option(names = "--scripts", hidden = true)
    private Path scripts = Path.of("scripts");

    @Option(names = "--commit", hidden = true)
    private String commit = "unknown";

    @Option(names = "--tools", required = true, hidden = true)
    private Path tools = Path.of("tools");

    private final Results results = new Results();
    private int topics;

    /** Runs the command; exit code 0 if it came to an end, whatever the figures are. */
    public static void main(String... args) {
        System.exit(new CommandLine(new Validate()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Folders.during(
                dir,
                folder -> {
                    try (var broker = BrokerProcess.start(scripts, Subject.KAFKA, folder)) {
                        warmUp(broker);
                        for (int round = 0; round < rounds; round++) {
                            round(broker);
                        }
                    }
                });
        var report =
                new Report(
                        "validate",
                        "scripts/bench validate",
                        date.toString(),
                        commit,
                        Machine.here(dir),
                        results.measurements(),
                        results.series(),
                        List.of(),
                        List.of(
                                "One producer each, acks=all, five requests under way. This load"
                                        + " generator sends batches of 16 KiB when they are due;"
                                        + " producer-perf-test gathers up to 16 KiB for up to 5 ms, and"
                                        + " its percentiles are whole milliseconds that include the"
                                        + " gathering."));
        ReportFiles.present(report, Optional.empty(), out, spec.commandLine().getOut());
        return 0;
    }

    private void warmUp(BrokerProcess broker) throws IOException, InterruptedException {
        load(broker).run(TimeUnit.SECONDS.toNanos(seconds));
    }

    private void round(BrokerProcess broker) throws IOException, InterruptedException {
        String atRate = "%,d B records at %,d/s".formatted(recordSize, rate);
        theirs(broker, atRate, (long) rate * seconds, rate);
        ours(broker, atRate, rate);
        String full = "%,d B records, full speed".formatted(recordSize);
        LoadResult peak = ours(broker, full, 0);
        theirs(broker, full, Math.max(rate, peak.records()), -1);
    }

    private Target topic(BrokerProcess broker) throws IOException, InterruptedException {
        return Target.create(broker.address(), "validate-" + topics++, PARTITIONS, Map.of());
    }

    private ProduceLoad load(BrokerProcess broker) throws IOException, InterruptedException {
        int records = Math.max(1, 16 * 1024 / recordSize);
        return ProduceLoad.full(topic(broker), Payload.plain(recordSize, records), 1);
    }

    private LoadResult ours(BrokerProcess broker, String workload, double throughput)
            throws IOException, InterruptedException {
        ProduceLoad load = load(broker).at(throughput);
        ProcessFigures before = broker.figures();
        LoadResult result = load.run(TimeUnit.SECONDS.toNanos(seconds));
        double cpu = broker.figures().cpuSeconds() - before.cpuSeconds();
        results.add(workload, OURS, "records", "1/s", result.recordsPerSecond());
        results.add(workload, OURS, "p50", "ms", result.latencyUs(50) / 1e3);
        results.add(workload, OURS, "p99", "ms", result.latencyUs(99) / 1e3);
        results.add(workload, OURS, "CPU a record", "us", cpu * 1e6 / result.records());
        return result;
    }

    private void theirs(BrokerProcess broker, String workload, long records, long throughput)
            throws IOException, InterruptedException {
        Target target = topic(broker);
        ProcessFigures before = broker.figures();
        PerfTest.Outcome outcome = new PerfTest(tools).run(target, recordSize, records, throughput);
        double cpu = broker.figures().cpuSeconds() - before.cpuSeconds();
        results.add(workload, THEIRS, "records", "1/s", outcome.recordsPerSecond());
        results.add(workload, THEIRS, "p50", "ms", outcome.p50Ms());
        results.add(workload, THEIRS, "p99", "ms", outcome.p99Ms());
        results.add(workload, THEIRS, "CPU a record", "us", cpu * 1e6 / outcome.records());
    }
}
