package io.millrace.bench.controller;

import io.millrace.bench.Progress;
import io.millrace.bench.report.Machine;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the controller by the number of partitions. */
@Command(
        name = "controller",
        mixinStandardHelpOptions = true,
        description =
                "Measures the controller in memory, with 1,000 brokers and ever more partitions:"
                        + " changes applied, failover of a broker, size of the image and snapshots.")
public final class ControllerCommand implements Callable<Integer> {
    private static final int BROKERS = 1_000;
    private static final List<Integer> FULL = List.of(1_000, 10_000, 100_000, 1_000_000);
    private static final List<Integer> QUICK = FULL.subList(0, 3);
    private static final List<Integer> SMOKE = List.of(100, 1_000);
    private static final int CHANGES = 20_000;
    private static final int SMOKE_CHANGES = 200;
    private static final int ROUNDS = 3;
    private static final int WARM_UP_PARTITIONS = 10_000;

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Progress progress = new Progress();

    @Option(names = "--quick", description = "up to 100,000 partitions, under a minute")
    private boolean quick;

    @Option(names = "--smoke", hidden = true)
    private boolean smoke;

    @Option(names = "--out", description = "the report's JSON file (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/controller.json");

    @Option(names = "--commit", hidden = true)
    private String commit = "unknown";

    /** Runs the command; exit code 0 if it came to an end, whatever the figures are. */
    public static void main(String... args) {
        System.exit(new CommandLine(new ControllerCommand()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        var figures = new Figures(BROKERS);
        if (!smoke) {
            progress.say("warm-up");
            measure(WARM_UP_PARTITIONS, new Figures(BROKERS));
        }
        for (int partitions : sizes()) {
            measure(partitions, figures);
        }
        report(date, figures);
        return 0;
    }

    private List<Integer> sizes() {
        if (smoke) {
            return SMOKE;
        }
        return quick ? QUICK : FULL;
    }

    private void measure(int partitions, Figures figures) throws IOException {
        progress.say("%,d partitions".formatted(partitions));
        var run = new ControllerRun(new ClusterShape(BROKERS, partitions), changes(), figures);
        for (int round = 1; round <= ROUNDS; round++) {
            progress.say("%,d partitions, round %d of %d".formatted(partitions, round, ROUNDS));
            run.round(round);
        }
    }

    private int changes() {
        return smoke ? SMOKE_CHANGES : CHANGES;
    }

    private void report(Instant date, Figures figures) throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        var report =
                new Report(
                        "controller",
                        "scripts/bench controller" + (quick ? " --quick" : ""),
                        date.toString(),
                        commit,
                        Machine.here(folder),
                        figures.measurements(),
                        figures.series(),
                        List.of(),
                        notes());
        ReportFiles.present(report, Optional.empty(), out, spec.commandLine().getOut());
    }

    private static List<String> notes() {
        return List.of(
                "One thread, in memory: MetadataService and all below it as in production, on a"
                        + " quorum that encodes what is proposed and commits it at once. Neither"
                        + " disk nor network is in the times, which are processor time of that"
                        + " thread, without the collector's.",
                "A topic has 100 partitions; one has a tenth of all. The busy broker leads 10,000"
                        + " partitions, or a tenth of all, the others have equal shares.",
                "Image in memory: what is reachable after collections, less what was before.",
                "A change takes a replica out of sync. The first broker that is failed over after"
                        + " a takeover has the index of partitions by broker made.",
                "Power of n: 0 if a figure stays as partitions grow, 1 if it grows as they do.");
    }
}
