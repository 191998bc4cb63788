package io.millrace.bench.delivery;

import io.millrace.bench.Choice;
import io.millrace.bench.Progress;
import io.millrace.bench.compare.BrokerProcess;
import io.millrace.bench.compare.Folders;
import io.millrace.bench.compare.Results;
import io.millrace.bench.compare.Subject;
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

/** Measures queues, transactions and rebalances on Millrace and Kafka in turn. */
@Command(
        name = "delivery",
        mixinStandardHelpOptions = true,
        description =
                "Starts Millrace and Apache Kafka in turn and has stock clients share a topic out,"
                        + " commit transactions, and rebalance groups of a hundred members.")
public final class Delivery implements Callable<Integer> {
    private static final List<Subject> OS = List.of(Subject.KAFKA, Subject.MILLRACE);
    private static final List<Subject> ALL =
            List.of(Subject.KAFKA, Subject.MILLRACE, Subject.KAFKA_FSYNC, Subject.MILLRACE_FSYNC);

    private static final List<String> PARTS =
            List.of("share", "transactions", "rebalance", "delayed");

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Progress progress = new Progress();

    @Option(names = "--quick", description = "one short round, without fsync")
    private boolean quick;

    @Option(names = "--rounds", description = "how often each has its turn (3, or 1 if quick)")
    private int rounds;

    @Option(names = "--members", description = "of the groups (${DEFAULT-VALUE})")
    private int members = 100;

    @Option(names = "--delayed", description = "records that wait (${DEFAULT-VALUE})")
    private int delayed = 1_000_000;

    @Option(
            names = "--only",
            split = ",",
            description = "some of share, transactions, rebalance, delayed")
    private List<String> only = List.of();

    @Option(names = "--dir", description = "where the brokers keep their data (the temp folder)")
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--out", description = "the report's JSON file (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/delivery.json");

    @Option(names = "--scripts", hidden = true)
    private Path scripts = Path.of("scripts");

    @Option(names = "--commit", hidden = true)
    private String commit = "unknown";

    private final Results results = new Results();
    private List<String> chosen = PARTS;

    /** Runs the command; exit code 0 if all of it ran, whatever the figures are. */
    public static void main(String... args) {
        System.exit(new CommandLine(new Delivery()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        chosen = Choice.of(spec, "--only", only, PARTS, part -> part);
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        int turns = rounds > 0 ? rounds : quick ? 1 : 3;
        for (int round = 1; round <= turns && !chosen.equals(List.of("delayed")); round++) {
            for (Subject subject : quick ? OS : ALL) {
                progress.say("round %d of %d: %s".formatted(round, turns, subject.name()));
                during(subject, this::loads);
            }
        }
        if (chosen.contains("delayed")) {
            progress.say("%,d delayed records".formatted(delayed));
            during(Subject.MILLRACE_FSYNC, turn -> new DelayedBacklog(turn, delayed).run());
        }
        publish(date);
        return 0;
    }

    /** What is done in a turn. */
    @FunctionalInterface
    private interface Work {
        void on(Turn turn) throws IOException, InterruptedException;
    }

    private void during(Subject subject, Work work) throws IOException, InterruptedException {
        Subject prompt = subject.with("group.initial.rebalance.delay.ms=0");
        Folders.during(
                dir,
                folder -> {
                    try (var broker = BrokerProcess.start(scripts, prompt, folder)) {
                        work.on(new Turn(prompt, broker, results));
                    }
                });
    }

    private void loads(Turn turn) throws IOException, InterruptedException {
        double seconds = quick ? 3 : 6;
        if (chosen.contains("share")) {
            progress.say("  share group");
            new ShareWorkload(turn, seconds).run();
        }
        if (chosen.contains("transactions")) {
            progress.say("  transactions");
            new TransactionWorkload(turn, seconds).run();
        }
        if (chosen.contains("rebalance")) {
            progress.say("  rebalances");
            new RebalanceWorkload(turn, members).run();
        }
    }

    private void publish(Instant date) throws IOException {
        var report =
                new Report(
                        "delivery",
                        "scripts/bench delivery"
                                + (quick ? " --quick" : "")
                                + (only.isEmpty() ? "" : " --only " + String.join(",", only)),
                        date.toString(),
                        commit,
                        Machine.here(dir),
                        results.measurements(),
                        results.series(),
                        List.of(),
                        notes());
        ReportFiles.present(report, Optional.empty(), out, spec.commandLine().getOut());
    }

    private static List<String> notes() {
        return List.of(
                "Stock KafkaShareConsumer (two, implicit acknowledgement) and KafkaProducer, with"
                        + " their defaults; they share the machine's cores with the broker.",
                "With fsync, Kafka runs with log.flush.interval.messages=1; without, Millrace runs"
                        + " with millrace.durability=os.",
                "Members of rebalances are bare protocol on a connection each, with a heartbeat"
                        + " every %d ms. A group has agreed when all members are in one generation"
                                .formatted(Member.BEAT_MS)
                        + " and all partitions, two a member, are shared out.");
    }
}
