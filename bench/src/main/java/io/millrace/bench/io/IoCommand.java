package io.millrace.bench.io;

import io.millrace.bench.Choice;
import io.millrace.bench.Progress;
import io.millrace.bench.io.plan.Chart;
import io.millrace.bench.io.plan.Extent;
import io.millrace.bench.io.plan.IoPlan;
import io.millrace.bench.io.plan.Job;
import io.millrace.bench.io.plan.Subject;
import io.millrace.bench.io.store.Blocks;
import io.millrace.bench.report.Machine;
import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures a disk with plain files, Millrace's logs and Chronicle Queue side by side. */
@Command(
        name = "io",
        mixinStandardHelpOptions = true,
        description =
                "Measures a disk: patterns of writes and reads, with plain files, Millrace's logs"
                        + " and Chronicle Queue in turn.")
public final class IoCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Progress progress = new Progress();

    @Option(names = "--dir", description = "a folder on the disk that is meant (the temp folder)")
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--quick", description = "two short rounds, under five minutes")
    private boolean quick;

    @Option(names = "--smoke", hidden = true)
    private boolean smoke;

    @Option(
            names = "--only",
            split = ",",
            description =
                    "some of append, synced, groups, files, files-synced, random, read, read-cold,"
                            + " read-random, read-random-cold")
    private List<String> only = List.of();

    @Option(names = "--out", description = "the report's JSON file (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/io.json");

    @Option(names = "--commit", hidden = true)
    private String commit = "unknown";

    private final IoFigures figures = new IoFigures();

    /** Runs the command; exit code 0 if it came to an end, whatever the figures are. */
    public static void main(String... args) {
        System.exit(new CommandLine(new IoCommand()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<Chart> charts =
                Choice.of(spec, "--only", only, List.of(Chart.values()), IoCommand::name);
        Extent extent = extent();
        requireSpace(extent);
        List<Job> jobs =
                IoPlan.of(extent).stream().filter(job -> charts.contains(job.chart())).toList();
        try (var folder = new ScratchFolder(dir)) {
            boolean direct = Blocks.canBeDirect(folder.path());
            List<Job> possible =
                    jobs.stream().filter(job -> direct || job.subject() != Subject.DIRECT).toList();
            warmUp(folder.path().resolve("warm-up"), possible);
            var run = new JobRun(folder.path(), extent);
            for (int round = 1; round <= extent.rounds(); round++) {
                round(run, possible, "round %d of %d".formatted(round, extent.rounds()));
            }
            report(date, notes(direct));
        }
        return 0;
    }

    private Extent extent() {
        if (smoke) {
            return Extent.SMOKE;
        }
        return quick ? Extent.QUICK : Extent.FULL;
    }

    private void requireSpace(Extent extent) throws IOException {
        if (!Files.isDirectory(dir)) {
            throw new CommandLine.ParameterException(spec.commandLine(), dir + " is no folder");
        }
        long free = Files.getFileStore(dir).getUsableSpace();
        if (free < extent.neededBytes()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "needs %,d MB free on the disk of %s, there are %,d; choose another --dir or --quick"
                            .formatted(extent.neededBytes() >> 20, dir, free >> 20));
        }
    }

    private static String name(Chart chart) {
        return chart.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Has the compiler see all code before anything counts. */
    private void warmUp(Path folder, List<Job> jobs) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        round(new JobRun(folder, smoke ? Extent.SMOKE : Extent.WARM_UP), jobs, "warm-up");
        ScratchFolder.delete(folder);
    }

    private void round(JobRun run, List<Job> jobs, String round)
            throws IOException, InterruptedException {
        Chart said = null;
        int done = 0;
        for (Job job : jobs) {
            if (job.chart() != said) {
                said = job.chart();
                progress.say(
                        "%s, %3d of %d: %s".formatted(round, done + 1, jobs.size(), said.title()));
            }
            Outcome outcome = run.run(job);
            if (!round.equals("warm-up")) {
                figures.add(job, outcome);
            }
            done++;
        }
    }

    private void report(Instant date, List<String> notes) throws IOException {
        var table = new DiskTable(figures);
        List<Measurement> all = new ArrayList<>(table.measurements());
        all.addAll(figures.measurements());
        var report =
                new Report(
                        "io",
                        "scripts/bench io" + (quick ? " --quick" : ""),
                        date.toString(),
                        commit,
                        Machine.here(dir),
                        all,
                        figures.series(),
                        table.goals(),
                        notes);
        ReportFiles.present(report, Optional.empty(), out, spec.commandLine().getOut());
    }

    private static List<String> notes(boolean direct) {
        var notes = new ArrayList<String>();
        notes.add("One thread writes or reads; a partition log's syncs run on flush threads.");
        notes.add(
                "Never synced means that the page cache has it: the rate is that of memory until the"
                        + " kernel holds writers back; 'with the last sync' is what the disk took.");
        notes.add(
                "Cold: the page cache was asked to forget the files (posix_fadvise by way of dd)."
                        + " 'From the device' says how much of what was read had to be fetched; the"
                        + " disk of a virtual machine may itself lie in its host's memory.");
        notes.add(
                "PartitionLog checks every batch (CRC32C, each record) before it is written; plain"
                        + " files and Chronicle Queue check nothing.");
        notes.add("Preallocated: written over zeros that were on disk, again and again.");
        if (!direct) {
            notes.add("O_DIRECT is not available in this folder.");
        }
        return notes;
    }
}
