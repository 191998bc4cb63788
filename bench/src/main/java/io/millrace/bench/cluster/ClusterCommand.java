package io.millrace.bench.cluster;

import io.millrace.bench.Choice;
import io.millrace.bench.Progress;
import io.millrace.bench.compare.Folders;
import io.millrace.bench.compare.Results;
import io.millrace.bench.compare.Subject;
import io.millrace.bench.report.Machine;
import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.ReportFiles;
import io.millrace.bench.report.Series;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures three nodes of Millrace and three of Kafka in turn. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description =
                "Starts three nodes of Millrace and of Apache Kafka in turn, with equal settings, and"
                        + " measures produce to three replicas, how long a partition takes nothing"
                        + " when a node is killed or stopped, and how fast one that returns catches"
                        + " up. Takes up to twenty minutes, quick up to six.")
public final class ClusterCommand implements Callable<Integer> {
    private static final List<Subject> ALL =
            List.of(Subject.KAFKA, Subject.MILLRACE, Subject.KAFKA_FSYNC, Subject.MILLRACE_FSYNC);
    private static final List<String> PARTS = List.of("failover", "produce", "catchup");
    private static final int PORTS_END = 65_535;

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Progress progress = new Progress();

    @Option(names = "--quick", description = "one short round, three events of a kind")
    private boolean quick;

    @Option(names = "--rounds", description = "how often each has its turn (2, or 1 if quick)")
    private int rounds;

    @Option(
            names = "--events",
            description = "of each kind that a node goes by (20, or 3 if quick)")
    private int events;

    @Option(names = "--only", split = ",", description = "some of failover, produce, catchup")
    private List<String> only = List.of();

    @Option(names = "--alone", description = "Millrace without Kafka: no ratios, but sooner")
    private boolean alone;

    @Option(
            names = "--session-timeout-ms",
            description =
                    "broker.session.timeout.ms of both; heartbeats are in the proportion of Kafka's"
                            + " defaults, which are 9000 and 2000 (${DEFAULT-VALUE})")
    private int sessionMs = 3_000;

    @Option(
            names = "--base-port",
            description = "the first of six ports that nobody listens on (${DEFAULT-VALUE})")
    private int basePort = 28_100;

    @Option(names = "--dir", description = "where the brokers keep their data (the temp folder)")
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--out", description = "the report's JSON file (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/cluster.json");

    @Option(names = "--scripts", hidden = true)
    private Path scripts = Path.of("scripts");

    @Option(names = "--commit", hidden = true)
    private String commit = "unknown";

    private final Results results = new Results();
    private final List<String> failures = new ArrayList<>();
    private final List<String> shortfalls = new ArrayList<>();
    private final AtomicReference<@Nullable Runnable> cleanUp = new AtomicReference<>();
    private List<String> chosen = PARTS;

    /** Runs the command; exit code 0 if all of it ran, whatever the figures are. */
    public static void main(String... args) {
        System.exit(new CommandLine(new ClusterCommand()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        chosen = Choice.of(spec, "--only", only, PARTS, part -> part);
        requireSense();
        requirePorts();
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        ClusterPlan plan = plan();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::cleanUp));
        progress.say("takes some %s minutes".formatted(quick ? "five" : "eighteen"));
        for (int round = 1; round <= plan.rounds(); round++) {
            for (Subject subject : ALL) {
                if (isWanted(subject)) {
                    progress.say(
                            "round %d of %d: %s".formatted(round, plan.rounds(), subject.name()));
                    attempt(plan, round, subject);
                }
            }
        }
        failoverLines();
        Report report = report(plan, date);
        ReportFiles.present(report, Optional.empty(), out, spec.commandLine().getOut());
        return failures.isEmpty() ? 0 : 1;
    }

    private void requireSense() {
        if (rounds < 0 || events < 0 || sessionMs < 1_000) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--rounds and --events are not negative, --session-timeout-ms is 1000 at least");
        }
        if (basePort < 1 || basePort > PORTS_END - Cluster.PORTS) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--base-port is no port that five can follow");
        }
    }

    private void requirePorts() {
        try {
            Cluster.requireFreePorts(basePort);
        } catch (IOException e) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private ClusterPlan plan() {
        ClusterPlan plan = quick ? ClusterPlan.QUICK : ClusterPlan.FULL;
        if (rounds > 0) {
            plan = plan.withRounds(rounds);
        }
        return events > 0 ? plan.withEvents(events) : plan;
    }

    /** What fails is said, there and in the report; the rest of the run is worth having. */
    private void attempt(ClusterPlan plan, int round, Subject subject)
            throws IOException, InterruptedException {
        try {
            Folders.during(dir, folder -> turn(plan, round, subject, folder));
        } catch (IOException | IllegalStateException | UncheckedIOException e) {
            progress.say("  FAILED: " + e.getMessage());
            failures.add(
                    "Failed, and its figures are not whole: %s, round %d: %s"
                            .formatted(subject.name(), round, e.getMessage()));
        }
    }

    private void turn(ClusterPlan plan, int round, Subject subject, Path folder)
            throws IOException, InterruptedException {
        try (var cluster = new Cluster(scripts, subject, folder, basePort, new Times(sessionMs))) {
            cleanUp.set(() -> remove(cluster, folder));
            cluster.prepare();
            try (var admin = new ClusterAdmin(cluster.bootstrapServers())) {
                on(new ClusterTurn(cluster, admin, results), plan, round);
            }
        } finally {
            cleanUp.set(null);
        }
    }

    private void on(ClusterTurn turn, ClusterPlan plan, int round)
            throws IOException, InterruptedException {
        var start = new StartWorkload(turn);
        start.run();
        if (chosen.contains("produce")) {
            progress.say("  produce");
            new ProduceWorkload(turn, plan).run();
            start.afterLoad();
        }
        if (chosen.contains("failover") && !turn.subject().isFsync()) {
            int times = plan.eventsOf(round);
            progress.say("  a node goes, %d times of each kind".formatted(times));
            failover(turn, round, new FailoverWorkload(turn).run(times, plan.eventsS()), times);
        }
        if (chosen.contains("catchup") && catchesUp(turn.subject())) {
            progress.say("  a node catches up with %,d MB".formatted(plan.catchUpMb()));
            new CatchUpWorkload(turn, plan).run();
        }
    }

    private void failover(
            ClusterTurn turn, int round, FailoverWorkload.Outcome outcome, int wanted) {
        String who = "%s, round %d: ".formatted(turn.subject().name(), round);
        if (outcome.failed() > 0) {
            failures.add(who + "the producer gave up %,d records".formatted(outcome.failed()));
        }
        if (outcome.times() < wanted) {
            shortfalls.add(
                    who
                            + "there was time for %d of %d events of each kind"
                                    .formatted(outcome.times(), wanted));
        }
    }

    /** With a sync an append, Kafka would write the backlog for minutes. */
    private static boolean catchesUp(Subject subject) {
        return !subject.name().equals(Subject.KAFKA_FSYNC.name());
    }

    private boolean isWanted(Subject subject) {
        if (alone && subject.kind().equals(Subject.KAFKA.kind())) {
            return false;
        }
        return chosen.contains("produce")
                || chosen.contains("failover") && !subject.isFsync()
                || chosen.contains("catchup") && catchesUp(subject);
    }

    /** The times of all events, shortest first. */
    private void failoverLines() {
        for (FailoverWorkload.Event event : FailoverWorkload.Event.values()) {
            for (Subject subject : ALL) {
                List<Double> sorted =
                        results.all(event.workload(), subject, FailoverWorkload.LED_THERE).stream()
                                .sorted()
                                .toList();
                var points = new ArrayList<Series.Point>();
                for (double ms : sorted) {
                    points.add(new Series.Point(points.size() + 1, ms));
                }
                if (!points.isEmpty()) {
                    results.addLine(
                            new Series(
                                    "Unavailable after a " + event.workload() + ", shortest first",
                                    subject.name(),
                                    "event",
                                    "ms",
                                    points));
                }
            }
        }
    }

    private Report report(ClusterPlan plan, Instant date) throws IOException {
        List<Measurement> measurements = results.measurements();
        return new Report(
                "cluster",
                "scripts/bench cluster"
                        + (quick ? " --quick" : "")
                        + (alone ? " --alone" : "")
                        + (only.isEmpty() ? "" : " --only " + String.join(",", only))
                        + (rounds > 0 ? " --rounds " + rounds : "")
                        + (events > 0 ? " --events " + events : ""),
                date.toString(),
                commit,
                Machine.here(dir),
                measurements,
                results.series(),
                ClusterGoals.of(results),
                notes(plan));
    }

    private List<String> notes(ClusterPlan plan) {
        var notes = new ArrayList<>(failures);
        notes.addAll(shortfalls);
        notes.add(
                "Three nodes, each broker and controller, and the load share the machine's cores."
                        + " CPU and memory are those of the three together. Kafka's heap is 1 GB a"
                        + " node, its own scripts' default; Millrace's 256 MB.");
        notes.add(
                "Both: %s.".formatted(String.join(", ", new Times(sessionMs).settings()))
                        + " Topics have 6 partitions, 3 replicas, min.insync.replicas=2.");
        notes.add(
                "With fsync, Kafka runs with log.flush.interval.messages=1; without, Millrace runs"
                        + " with millrace.durability=os. Nodes go without fsync.");
        notes.add(
                "Unavailable is the longest time between two acknowledgements of a partition, by a"
                        + " stock producer with its defaults that sends to each every %d ms; of several partitions the worst."
                                .formatted(SteadyProducer.EVERY_MS));
        notes.add(
                "%d rounds, %d events of each kind, loads of %s s after %s s of warm-up. The run took %.0f s."
                        .formatted(
                                plan.rounds(),
                                plan.events(),
                                plan.loadS(),
                                plan.warmUpS(),
                                progress.seconds()));
        return notes;
    }

    private static void remove(Cluster cluster, Path folder) {
        cluster.close();
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** When the run is broken off. */
    private void cleanUp() {
        Runnable left = cleanUp.getAndSet(null);
        if (left != null) {
            left.run();
        }
    }
}
