package io.millrace.bench.micro;

import io.millrace.bench.Choice;
import io.millrace.bench.Progress;
import io.millrace.bench.report.Machine;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the hot parts alone and reports what a call and a record cost. */
@Command(
        name = "micro",
        mixinStandardHelpOptions = true,
        description = "Measures the hot parts of the broker alone: time and memory of each call.")
public final class MicroCommand implements Callable<Integer> {
    private static final Map<String, Class<?>> PARTS = new LinkedHashMap<>();

    static {
        PARTS.put("checksum", ChecksumBenchmark.class);
        PARTS.put("validate", ValidationBenchmark.class);
        PARTS.put("dedup", DedupBenchmark.class);
        PARTS.put("append", AppendBenchmark.class);
        PARTS.put("read", ReadBenchmark.class);
        PARTS.put("codec", CodecBenchmark.class);
        PARTS.put("produce", ProduceBenchmark.class);
        PARTS.put("fetch", FetchBenchmark.class);
    }

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Progress progress = new Progress();

    @Option(names = "--quick", description = "one short run of each, under five minutes")
    private boolean quick;

    @Option(names = "--smoke", hidden = true)
    private boolean smoke;

    @Option(
            names = "--only",
            split = ",",
            description = "some of checksum, validate, dedup, append, read, codec, produce, fetch")
    private List<String> only = List.of();

    @Option(names = "--out", description = "the report's JSON file (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/micro.json");

    @Option(names = "--commit", hidden = true)
    private String commit = "unknown";

    /** Runs the command; exit code 0 if every benchmark came to its end. */
    public static void main(String... args) {
        System.exit(new CommandLine(new MicroCommand()).execute(args));
    }

    @Override
    public Integer call() throws IOException, RunnerException {
        List<Map.Entry<String, Class<?>>> parts =
                Choice.of(spec, "--only", only, List.copyOf(PARTS.entrySet()), Map.Entry::getKey);
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Path folder = Objects.requireNonNull(out.toAbsolutePath().getParent());
        Files.createDirectories(folder);
        boolean perf = MicroRun.hasCounters();
        var run = new MicroRun(effort(), perf, folder);
        var results = new ArrayList<MicroResult>();
        for (Map.Entry<String, Class<?>> part : parts) {
            progress.say(part.getKey());
            results.addAll(run.run(part.getValue()));
        }
        var report =
                new Report(
                        "micro",
                        "scripts/bench micro" + (quick ? " --quick" : ""),
                        date.toString(),
                        commit,
                        Machine.here(folder),
                        MicroMeasurements.of(results),
                        List.of(),
                        List.of(),
                        notes(perf));
        ReportFiles.present(report, Optional.empty(), out, spec.commandLine().getOut());
        return 0;
    }

    private MicroRun.Effort effort() {
        if (smoke) {
            return MicroRun.Effort.SMOKE;
        }
        return quick ? MicroRun.Effort.QUICK : MicroRun.Effort.FULL;
    }

    private static List<String> notes(boolean perf) {
        var notes = new ArrayList<String>();
        notes.add("Each benchmark runs alone, in a process of its own, on one thread.");
        notes.add("Logs lie in /dev/shm where there is one, so the disk is not measured.");
        notes.add(
                "Produce and fetch go from a request's frame to its answer: all of the broker but"
                        + " the socket; records of a fetch stay in the file.");
        if (!perf) {
            notes.add("This machine has no counters of instructions and cycles (perf stat).");
        }
        return notes;
    }
}
