package io.millrace.bench.torture;

import io.millrace.bench.Choice;
import io.millrace.bench.Progress;
import io.millrace.bench.lab.client.Guarantee;
import io.millrace.bench.lab.fault.DurableCopy;
import io.millrace.bench.torture.node.Clocks;
import io.millrace.bench.torture.node.Cluster;
import io.millrace.bench.torture.node.Ground;
import io.millrace.bench.torture.node.Volumes;
import io.millrace.bench.torture.plan.NodeFault;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Has a cluster of real nodes go through faults, and judges what its clients saw. */
@Command(
        name = "torture",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Starts a cluster of nodes, each a process and where root allows it in a network"
                        + " namespace and on a file system of its own, puts producers, transactions,"
                        + " groups and queues on it, and has faults strike its nodes. Prints what was"
                        + " lost, repeated or reordered. Exit code 1 if anything happened that Kafka's"
                        + " model forbids.")
public final class Torture implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Progress progress = new Progress();

    @Option(names = "--minutes", description = "how long faults go on (${DEFAULT-VALUE})")
    private double minutes = 5;

    @Option(names = "--nodes", description = "three or more (${DEFAULT-VALUE})")
    private int nodes = 3;

    @Option(names = "--seed", description = "decides what strikes whom (a new one each time)")
    private @Nullable Long seed;

    @Option(
            names = "--faults",
            split = ",",
            description =
                    "of kill, stop, cut, slow, clock, disk-full, flip, wipe, restart (all but clock,"
                            + " as a clock that can be moved makes nodes slow)")
    private List<String> faults = List.of();

    @Option(names = "--only", split = ",", description = "rows by their ids, as eos,alo-queue")
    private List<String> only = List.of();

    @Option(names = "--base-port", description = "of the nodes (${DEFAULT-VALUE})")
    private int basePort = 21_000;

    @Option(names = "--dir", description = "where nodes keep their data (a temporary folder)")
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--out", description = "the history as JSON (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/torture.json");

    @Option(names = "--scripts", hidden = true)
    private Path scripts = Path.of("scripts");

    @Option(names = "--keep", description = "keeps the nodes' logs and data even if all is well")
    private boolean keep;

    /** Runs the command. */
    public static void main(String... args) {
        System.exit(new CommandLine(new Torture()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (nodes < 3) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--nodes is at least 3: the rest have to go on without one");
        }
        Set<NodeFault> wanted = wanted();
        List<Guarantee> guarantees =
                Choice.of(spec, "--only", only, Load.guarantees(), Guarantee::id);
        long chosenSeed = seed == null ? System.nanoTime() >>> 1 : seed;
        Files.createDirectories(dir);
        Path folder = Files.createTempDirectory(dir.toAbsolutePath(), "millrace-torture");
        boolean held = false;
        try (Ground ground = Ground.choose(nodes, basePort);
                Volumes volumes = Volumes.create(folder, nodes)) {
            var clocks = Clocks.create(folder, nodes, wanted.contains(NodeFault.CLOCK));
            Set<NodeFault> chosen = possible(wanted, ground, volumes, clocks);
            progress.say(
                    "seed %d; %d nodes, %s".formatted(chosenSeed, nodes, ground.description()));
            progress.say(volumes.description() + "; " + clocks.description());
            progress.say("faults: " + chosen + "; logs in " + folder);
            var with = new Cluster.Equipment(volumes, clocks, Load.brokerSettings());
            var setup = new Cluster.Setup(scripts, folder, nodes, basePort, ground, with);
            var ordeal = new Ordeal(setup, chosen, chosenSeed, progress::say);
            Verdict verdict = ordeal.run(guarantees, (long) (minutes * 60_000));
            HistoryFile.write(out, chosenSeed, verdict);
            print(verdict);
            held = verdict.holds();
        } finally {
            leave(folder, chosenSeed, held);
        }
        return held ? 0 : 1;
    }

    private void leave(Path folder, long chosenSeed, boolean held) throws IOException {
        if (held && !keep) {
            DurableCopy.delete(folder);
        } else {
            progress.say("kept %s; --seed %d strikes the same again".formatted(folder, chosenSeed));
        }
    }

    private Set<NodeFault> wanted() {
        if (faults.isEmpty()) {
            return EnumSet.complementOf(EnumSet.of(NodeFault.CLOCK));
        }
        return EnumSet.copyOf(
                Choice.of(
                        spec,
                        "--faults",
                        faults,
                        List.of(NodeFault.values()),
                        NodeFault::toString));
    }

    /** Without what this machine cannot do. */
    private Set<NodeFault> possible(
            Set<NodeFault> chosen, Ground ground, Volumes volumes, Clocks clocks) {
        var left = new ArrayList<NodeFault>();
        if (!ground.breaks()) {
            left.addAll(List.of(NodeFault.CUT, NodeFault.SLOW));
        }
        if (!volumes.fills()) {
            left.add(NodeFault.DISK_FULL);
        }
        if (!clocks.move()) {
            left.add(NodeFault.CLOCK);
        }
        Set<NodeFault> possible = EnumSet.copyOf(chosen);
        left.forEach(possible::remove);
        if (possible.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "this machine can do none of " + chosen);
        }
        return possible;
    }

    private void print(Verdict verdict) {
        PrintWriter stdout = spec.commandLine().getOut();
        new TortureReport(verdict).print(stdout);
        stdout.println("History: " + out.toAbsolutePath());
        stdout.flush();
    }
}
