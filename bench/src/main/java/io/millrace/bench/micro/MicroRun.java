package io.millrace.bench.micro;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.profile.LinuxPerfNormProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs benchmarks under JMH, in processes of their own. Blocks. */
final class MicroRun {
    private static final String ALLOCATION = "gc.alloc.rate.norm";
    private static final List<String> COUNTERS =
            List.of("instructions", "cycles", "branch-misses", "L1-dcache-load-misses");

    private final Effort effort;
    private final boolean perf;
    private final Path folder;

    /**
     * How long each benchmark runs.
     *
     * @param forks processes, one after another
     * @param iterations of warm-up, and then as many measured
     */
    record Effort(int forks, int iterations, long iterationMs) {
        static final Effort QUICK = new Effort(1, 3, 500);
        static final Effort FULL = new Effort(2, 5, 1000);
        static final Effort SMOKE = new Effort(1, 1, 50);
    }

    /**
     * @param folder where all that JMH says goes, in a file a class
     */
    MicroRun(Effort effort, boolean perf, Path folder) {
        this.effort = effort;
        this.perf = perf;
        this.folder = folder;
    }

    /** Whether {@code perf stat} counts instructions here. */
    static boolean hasCounters() {
        try {
            Process process =
                    new ProcessBuilder("perf", "stat", "-e", "instructions", "true")
                            .redirectErrorStream(true)
                            .start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 && !said.contains("<not ");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Runs all benchmarks of a class. */
    List<MicroResult> run(Class<?> benchmarks) throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include("^" + benchmarks.getName().replace(".", "\\.") + "\\.")
                        .forks(effort.forks())
                        .warmupIterations(effort.iterations())
                        .warmupTime(TimeValue.milliseconds(effort.iterationMs()))
                        .measurementIterations(effort.iterations())
                        .measurementTime(TimeValue.milliseconds(effort.iterationMs()))
                        .shouldFailOnError(true)
                        .addProfiler(GCProfiler.class)
                        .output(folder.resolve(benchmarks.getSimpleName() + ".log").toString());
        if (perf) {
            options = options.addProfiler(LinuxPerfNormProfiler.class);
        }
        Collection<RunResult> found = new Runner(options.build()).run();
        return found.stream().map(MicroRun::read).toList();
    }

    private static MicroResult read(RunResult run) {
        var parameters = new LinkedHashMap<String, String>();
        for (String key : run.getParams().getParamsKeys()) {
            parameters.put(key, run.getParams().getParam(key));
        }
        String benchmark = run.getParams().getBenchmark();
        var secondary = run.getSecondaryResults();
        var counters = new LinkedHashMap<String, Double>();
        for (String counter : COUNTERS) {
            Result<?> count = secondary.get(counter);
            if (count != null) {
                counters.put(counter, count.getScore());
            }
        }
        return new MicroResult(
                benchmark.substring(benchmark.lastIndexOf('.') + 1),
                parameters,
                timesNs(run),
                Objects.requireNonNull(secondary.get(ALLOCATION)).getScore(),
                counters);
    }

    private static List<Double> timesNs(RunResult run) {
        var times = new ArrayList<Double>();
        run.getBenchmarkResults()
                .forEach(fork ->
                        fork.getIterationResults()
                                .forEach(iteration ->
                                        times.add(iteration.getPrimaryResult().getScore())));
        return times;
    }
}
