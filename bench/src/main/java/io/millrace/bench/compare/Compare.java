package io.millrace.bench.compare;

import io.millrace.bench.Choice;
import io.millrace.bench.Progress;
import io.millrace.bench.report.Machine;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs Millrace and Kafka in turn and reports how they compare. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description =
                "Starts Millrace and Apache Kafka in turn, with equal settings, puts the same loads"
                        + " on both, and reports the ratios.")
public final class Compare implements Callable<Integer> {
    private static final List<Subject> OS = List.of(Subject.KAFKA, Subject.MILLRACE);
    private static final List<Subject> FSYNC = List.of(Subject.KAFKA_FSYNC, Subject.MILLRACE_FSYNC);

    private static final List<String> PARTS = List.of("os", "fsync", "partitions");

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Progress progress = new Progress();

    @Option(names = "--quick", description = "two short rounds, under ten minutes")
    private boolean quick;

    @Option(names = "--rounds", description = "how often each has its turn")
    private int rounds;

    @Option(
            names = "--scale",
            description = "loads so many times as long: to try the bench itself (1)")
    private double scale = 1;

    @Option(names = "--only", split = ",", description = "some of os, fsync, partitions")
    private List<String> only = List.of();

    @Option(names = "--against", description = "an earlier report's JSON file to compare with")
    private @Nullable Path against;

    @Option(names = "--dir", description = "where the brokers keep their data (the temp folder)")
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--out", description = "the report's JSON file (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/compare.json");

    @Option(names = "--scripts", hidden = true)
    private Path scripts = Path.of("scripts");

    @Option(names = "--commit", hidden = true)
    private String commit = "unknown";

    private final Results results = new Results();
    private final List<String> failures = new ArrayList<>();

    /** Runs the command; exit code 0 if all of it ran, whatever the figures are. */
    public static void main(String... args) {
        System.exit(new CommandLine(new Compare()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> chosen = Choice.of(spec, "--only", only, PARTS, part -> part);
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Optional<Report> earlier =
                against == null ? Optional.empty() : Optional.of(ReportFiles.read(against));
        Plan plan = plan();
        for (int round = 1; round <= plan.rounds(); round++) {
            for (Subject subject : subjects(chosen)) {
                boolean last = round == plan.rounds();
                attempt(
                        "round %d of %d: %s".formatted(round, plan.rounds(), subject.name()),
                        () -> turn(plan, subject, last));
            }
        }
        if (chosen.contains("partitions")) {
            for (Subject subject : OS) {
                attempt(
                        ManyPartitions.workload(plan.manyPartitions()) + ": " + subject.name(),
                        () -> manyPartitions(plan, subject));
            }
        }
        new Charts(results, plan).add();
        Report report = report(plan, date);
        ReportFiles.present(report, earlier, out, spec.commandLine().getOut());
        return failures.isEmpty() ? 0 : 1;
    }

    /** A part of the run. */
    @FunctionalInterface
    private interface Part {
        void run() throws IOException, InterruptedException;
    }

    /** What fails is said, there and in the report; the rest of the run is worth having. */
    private void attempt(String what, Part part) throws InterruptedException {
        progress.say(what);
        try {
            part.run();
        } catch (IOException | IllegalStateException | CompletionException e) {
            progress.say("  FAILED: " + e.getMessage());
            failures.add("Failed, and its figures are not whole: " + what + ": " + e.getMessage());
        }
    }

    private void manyPartitions(Plan plan, Subject subject)
            throws IOException, InterruptedException {
        Folders.during(
                dir,
                folder ->
                        ManyPartitions.run(
                                scripts, subject, folder, plan.manyPartitions(), results));
    }

    private Plan plan() {
        Plan plan = quick ? Plan.QUICK : Plan.FULL;
        if (rounds > 0) {
            plan = plan.withRounds(rounds);
        }
        return scale == 1 ? plan : plan.scaled(scale);
    }

    private Report report(Plan plan, Instant date) throws IOException {
        return new Report(
                "compare",
                "scripts/bench compare"
                        + (quick ? " --quick" : "")
                        + (only.isEmpty() ? "" : " --only " + String.join(",", only))
                        + (rounds > 0 ? " --rounds " + rounds : "")
                        + (scale == 1 ? "" : " --scale " + scale),
                date.toString(),
                commit,
                Machine.here(dir),
                results.measurements(),
                results.series(),
                Goals.of(results, plan),
                notes(plan));
    }

    private List<String> notes(Plan plan) {
        var notes = new ArrayList<>(failures);
        notes.addAll(facts(plan));
        return notes;
    }

    private List<String> facts(Plan plan) {
        return List.of(
                "Broker and load generator share the machine's cores; broker CPU is its process's"
                        + " user and system time.",
                "Both brokers run with the settings that they come with: Kafka's heap is 1 GB, its"
                        + " own scripts' default; Millrace's is 256 MB. Log segments, socket buffers"
                        + " and threads are the defaults of each.",
                "With fsync, Kafka runs with log.flush.interval.messages=1; without, Millrace runs"
                        + " with millrace.durability=os.",
                "%d rounds; loads of %s or %s s after %s s of warm-up. Rates are kept whether or not the"
                                .formatted(
                                        plan.rounds(), plan.loadS(), plan.sideS(), plan.warmUpS())
                        + " broker keeps up, and latency counts from when a request was due.",
                "The run took %.0f s.".formatted(progress.seconds()));
    }

    /** Kafka first: what it reaches at its peak sets the rate for both. */
    private static List<Subject> subjects(List<String> parts) {
        var subjects = new ArrayList<Subject>();
        if (parts.contains("os")) {
            subjects.addAll(OS);
        }
        if (parts.contains("fsync")) {
            subjects.addAll(FSYNC);
        }
        return subjects;
    }

    private void turn(Plan plan, Subject subject, boolean last)
            throws IOException, InterruptedException {
        Folders.during(
                dir,
                folder -> {
                    try (var broker = BrokerProcess.start(scripts, subject, folder)) {
                        var session = new Session(subject, broker, results);
                        loads(plan, session, last);
                        session.add(
                                Workloads.START,
                                "memory after all loads",
                                "MB",
                                broker.figures().residentMb());
                        broker.kill();
                    }
                    if (last) {
                        restart(subject, folder);
                    }
                });
    }

    private void loads(Plan plan, Session session, boolean last)
            throws IOException, InterruptedException {
        var workloads = new Workloads(plan, session);
        workloads.start();
        workloads.warmUp();
        progress.say("  measuring");
        workloads.run();
        if (last) {
            progress.say("  once a run");
            var extras = new Extras(plan, session);
            if (session.subject().isFsync()) {
                workloads.spread();
            } else {
                extras.run();
            }
            extras.timeline(workloads.halfOfPeak());
        }
    }

    /** Takes up what a killed broker left, then stops it cleanly. */
    private void restart(Subject subject, Path folder) throws IOException, InterruptedException {
        try (var broker = BrokerProcess.start(scripts, subject, folder)) {
            var session = new Session(subject, broker, results);
            session.awaitFirstTopic();
            session.add(Workloads.START, "restart after kill -9", "ms", broker.sinceStartMs());
            session.add(Workloads.START, "clean stop", "ms", broker.stop());
        }
    }
}
