package io.millrace.bench.compare;

import io.millrace.bench.report.Goal;
import io.millrace.bench.report.Machine;
import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.ReportFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--quick", description = "two short rounds, under ten minutes")
    private boolean quick;

    @Option(names = "--rounds", description = "how often each has its turn")
    private int rounds;

    @Option(names = "--only", description = "os, fsync or partitions: a part of it")
    private @Nullable String only;

    @Option(names = "--dir", description = "where the brokers keep their data (the temp folder)")
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--out", description = "the report's JSON file (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/compare.json");

    @Option(names = "--scripts", hidden = true)
    private Path scripts = Path.of("scripts");

    @Option(names = "--commit", hidden = true)
    private String commit = "unknown";

    private final Results results = new Results();
    private long begunNs;

    /** Runs the command; exit code 0 if it came to an end, whatever the figures are. */
    public static void main(String... args) {
        System.exit(new CommandLine(new Compare()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        begunNs = System.nanoTime();
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Plan plan = quick ? Plan.QUICK : Plan.FULL;
        int turns = rounds > 0 ? rounds : plan.rounds();
        for (int round = 1; round <= turns; round++) {
            for (Subject subject : subjects()) {
                say("round " + round + " of " + turns + ": " + subject.name());
                turn(plan, subject);
            }
        }
        if (only == null || only.equals("partitions")) {
            for (Subject subject : List.of(Subject.KAFKA, Subject.MILLRACE)) {
                say(ManyPartitions.workload(plan.manyPartitions()) + ": " + subject.name());
                inFolder(folder ->
                        ManyPartitions.run(
                                scripts, subject, folder, plan.manyPartitions(), results));
            }
        }
        var report =
                new Report(
                        "compare",
                        "scripts/bench compare" + (quick ? " --quick" : ""),
                        date.toString(),
                        commit,
                        Machine.here(dir),
                        results.measurements(),
                        results.series(),
                        Goals.of(results, plan),
                        List.of());
        Path page = ReportFiles.publish(report, Optional.empty(), out);
        print(report, page);
        return 0;
    }

    /** Kafka first: what it reaches at its peak sets the rate for both. */
    private List<Subject> subjects() {
        List<Subject> os = List.of(Subject.KAFKA, Subject.MILLRACE);
        List<Subject> fsync = List.of(Subject.KAFKA_FSYNC, Subject.MILLRACE_FSYNC);
        if (only == null) {
            return List.of(os.get(0), os.get(1), fsync.get(0), fsync.get(1));
        }
        return switch (only) {
            case "os" -> os;
            case "fsync" -> fsync;
            case "partitions" -> List.of();
            default ->
                    throw new CommandLine.ParameterException(
                            spec.commandLine(), "--only takes os, fsync or partitions");
        };
    }

    private void turn(Plan plan, Subject subject) throws IOException, InterruptedException {
        inFolder(folder -> {
            try (var broker = BrokerProcess.start(scripts, subject, folder)) {
                var session = new Session(subject, broker, results);
                run(plan, session);
                session.add(
                        Workloads.START,
                        "memory after all loads",
                        "MB",
                        broker.figures().residentMb());
                session.add(Workloads.START, "clean stop", "ms", broker.stop());
            }
        });
    }

    private void run(Plan plan, Session session) throws IOException, InterruptedException {
        var workloads = new Workloads(plan, session);
        boolean fsync = session.subject().name().endsWith("fsync");
        workloads.start();
        workloads.warmUp();
        say("  measuring");
        workloads.produceAndCatchUp();
        workloads.produceAtHalfPeak(fsync ? Subject.KAFKA_FSYNC : Subject.KAFKA);
        workloads.endToEnd();
        workloads.produceSmall();
        workloads.spread();
        if (plan.extras()) {
            new Extras(plan, session).run();
        }
    }

    /** Something that is done with a folder of its own. */
    @FunctionalInterface
    private interface FolderTask {
        void run(Path folder) throws IOException, InterruptedException;
    }

    private void inFolder(FolderTask task) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(dir, "millrace-bench");
        try {
            task.run(folder);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path done, @Nullable IOException failure) throws IOException {
                        Files.delete(done);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                "[%3d s] %s%n", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begunNs), what);
        err.flush();
    }

    private void print(Report report, Path page) {
        PrintWriter stdout = spec.commandLine().getOut();
        String workload = "";
        for (Measurement one : report.measurements()) {
            if (!one.workload().equals(workload)) {
                workload = one.workload();
                stdout.println(workload);
            }
            stdout.printf(
                    "  %-16s %-24s %,12.2f %-6s (%,.2f to %,.2f)%n",
                    one.subject(), one.metric(), one.median(), one.unit(), one.min(), one.max());
        }
        stdout.println();
        stdout.printf("%-58s %8s %8s  %s%n", "Millrace / Kafka", "ratio", "goal", "");
        for (Goal goal : report.goals()) {
            stdout.printf(
                    "%-58s %8.2f %8s  %s (%.2f to %.2f)%n",
                    goal.name(),
                    goal.ratio(),
                    (goal.atMost() ? "<= " : ">= ") + goal.target(),
                    goal.met() ? "met" : "NOT MET",
                    goal.least(),
                    goal.most());
        }
        stdout.println("Report: " + out.toAbsolutePath() + ", page: " + page.toAbsolutePath());
        stdout.flush();
    }
}
