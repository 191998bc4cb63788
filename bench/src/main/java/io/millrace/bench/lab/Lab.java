package io.millrace.bench.lab;

import io.millrace.bench.Choice;
import io.millrace.bench.Progress;
import io.millrace.bench.lab.client.Guarantee;
import io.millrace.bench.lab.client.RowTable;
import io.millrace.bench.lab.fault.DurableCopy;
import io.millrace.bench.lab.fault.Fault;
import io.millrace.bench.lab.fault.FaultPlan;
import io.millrace.bench.lab.fault.FaultPlan.Event;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts every delivery guarantee through the same faults and shows what each lost or repeated. */
@Command(
        name = "lab",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Runs producers and consumers with each delivery guarantee through the same faults;"
                        + " prints what each lost, repeated or reordered, and writes a page that shows"
                        + " when and why. Exit code 1 if something is not zero that has to be.")
public final class Lab implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Progress progress = new Progress();

    @Option(
            names = "--faults",
            split = ",",
            description =
                    "of kill, pause, disconnect, duplicate, slow-disk, power-loss (all); or none")
    private List<String> faults = List.of();

    @Option(names = "--seed", description = "decides which fault comes when (${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(names = "--seconds", description = "how long records are produced (${DEFAULT-VALUE})")
    private int seconds = 60;

    @Option(names = "--only", split = ",", description = "rows by their ids, as amo-group,eos")
    private List<String> only = List.of();

    @Option(names = "--out", description = "the page (${DEFAULT-VALUE})")
    private Path out = Path.of("bench/target/lab.html");

    @Option(names = "--dir", description = "where the brokers keep their data (the temp folder)")
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--keep", description = "keeps the brokers' data and logs")
    private boolean keep;

    /** Runs the command. */
    public static void main(String... args) {
        System.exit(new CommandLine(new Lab()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Set<Fault> chosen = chosen();
        List<Guarantee> rows =
                Choice.of(
                        spec,
                        "--only",
                        only,
                        Guarantee.all(chosen.contains(Fault.POWER_LOSS)),
                        Guarantee::id);
        Path folder = Files.createTempDirectory(dir, "millrace-lab");
        try {
            List<Scene.Result> results = run(rows, chosen, folder);
            Files.createDirectories(out.toAbsolutePath().getParent());
            Files.writeString(out, new LabPage(results, seed, seconds).html());
            print(results);
            return results.stream().allMatch(Scene.Result::holds) ? 0 : 1;
        } finally {
            if (keep) {
                progress.say("kept " + folder);
            } else {
                DurableCopy.delete(folder);
            }
        }
    }

    private Set<Fault> chosen() {
        if (faults.equals(List.of("none"))) {
            return Set.of();
        }
        return EnumSet.copyOf(
                Choice.of(spec, "--faults", faults, List.of(Fault.values()), Fault::toString));
    }

    private List<Scene.Result> run(List<Guarantee> rows, Set<Fault> chosen, Path folder)
            throws IOException, InterruptedException {
        var worlds = new ArrayList<World>();
        try {
            for (boolean cache : new boolean[] {false, true}) {
                List<Guarantee> here = rows.stream().filter(one -> one.cache() == cache).toList();
                if (!here.isEmpty()) {
                    worlds.add(World.create(folder.resolve(cache ? "os" : "fsync"), here, cache));
                }
            }
            var scene = new Scene(worlds, seed, progress::say);
            progress.say(
                    "%d rows on %d brokers, seed %d".formatted(rows.size(), worlds.size(), seed));
            scene.begin();
            strike(chosen, worlds);
            progress.say("no more faults; waiting for what is owed");
            scene.settle();
            return scene.judge();
        } finally {
            for (World world : worlds) {
                world.close();
            }
        }
    }

    /** Every fault in its turn, which begins at its time or when the one before has passed. */
    private void strike(Set<Fault> chosen, List<World> worlds)
            throws IOException, InterruptedException {
        long beganNs = System.nanoTime();
        long lengthMs = TimeUnit.SECONDS.toMillis(seconds);
        for (Event event : FaultPlan.of(chosen, new Random(seed), lengthMs)) {
            sleepUntil(beganNs, event.atMs());
            progress.say(
                    event.fault() + (event.forMs() > 0 ? " for " + event.forMs() + " ms" : ""));
            strike(event, worlds);
        }
        sleepUntil(beganNs, lengthMs);
    }

    /** Strikes all worlds at once, so that each is down no longer than its own broker needs. */
    private static void strike(Event event, List<World> worlds)
            throws IOException, InterruptedException {
        try (var strikes = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Void>> each =
                    worlds.stream()
                            .<Callable<Void>>map(world ->
                                    () -> {
                                        world.strike(event);
                                        return null;
                                    })
                            .toList();
            for (Future<Void> struck : strikes.invokeAll(each)) {
                struck.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(event.fault() + " failed: " + e.getMessage(), e);
        }
    }

    private static void sleepUntil(long beganNs, long atMs) throws InterruptedException {
        long leftMs = atMs - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs);
        TimeUnit.MILLISECONDS.sleep(Math.max(0, leftMs));
    }

    private void print(List<Scene.Result> results) {
        PrintWriter stdout = spec.commandLine().getOut();
        new RowTable(results.stream().map(Scene.Result::judged).toList()).print(stdout);
        stdout.println("Page: " + out.toAbsolutePath());
        stdout.flush();
    }
}
