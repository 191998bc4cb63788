package io.millrace.bench.cluster;

import io.millrace.bench.compare.Results;
import io.millrace.bench.compare.Subject;
import io.millrace.bench.report.Goal;
import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Ratio;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The ratios that are aimed at, from what was measured; what was not is left out. */
final class ClusterGoals {
    private static final double UNAVAILABLE = 0.5;
    private static final double CPU = 0.6;
    private static final double ONE_STREAM = 0.7;
    private static final double START = 0.33;

    private final Results results;
    private final List<Goal> goals = new ArrayList<>();

    private ClusterGoals(Results results) {
        this.results = results;
    }

    static List<Goal> of(Results results) {
        var made = new ClusterGoals(results);
        for (FailoverWorkload.Event event : FailoverWorkload.Event.values()) {
            made.unavailable(event.workload(), FailoverWorkload.LED_THERE);
        }
        made.unavailable(
                FailoverWorkload.Event.KILL_CONTROLLER.workload(), FailoverWorkload.LED_ELSEWHERE);
        made.produce("", Subject.MILLRACE, Subject.KAFKA);
        made.produce(", both with fsync", Subject.MILLRACE_FSYNC, Subject.KAFKA_FSYNC);
        made.catchUp("", Subject.MILLRACE);
        made.catchUp(", with fsync", Subject.MILLRACE_FSYNC);
        made.start("three nodes: first acknowledged record", StartWorkload.FIRST);
        made.start("three nodes: idle memory", StartWorkload.IDLE_MEMORY);
        return made.goals;
    }

    /** Events are not pairs: the middle of all is set beside the middle, the worst by the worst. */
    private void unavailable(String workload, String metric) {
        List<Double> ours = results.all(workload, Subject.MILLRACE, metric);
        List<Double> theirs = results.all(workload, Subject.KAFKA, metric);
        Ratio.of(ours, theirs)
                .ifPresent(pairs -> {
                    String name = workload + ": " + metric;
                    double middle = Measurement.median(ours) / Measurement.median(theirs);
                    double worst = Collections.max(ours) / Collections.max(theirs);
                    goals.add(
                            new Goal(
                                    name + ", median",
                                    UNAVAILABLE,
                                    true,
                                    middle,
                                    pairs.least(),
                                    pairs.most()));
                    goals.add(new Goal(name + ", worst", UNAVAILABLE, true, worst, worst, worst));
                });
    }

    private void produce(String how, Subject ours, Subject theirs) {
        for (String workload : List.of(ProduceWorkload.PRODUCE_1K, ProduceWorkload.PRODUCE_100)) {
            ratio(
                    "throughput, " + workload + how,
                    1,
                    false,
                    of(workload, "throughput", ours, theirs));
            ratio(
                    "CPU per MB, " + workload + how,
                    CPU,
                    true,
                    of(workload, "CPU of all", ours, theirs));
        }
        ratio(
                "p99, " + ProduceWorkload.AT_RATE + how,
                1,
                true,
                of(ProduceWorkload.AT_RATE, "p99", ours, theirs));
    }

    private void catchUp(String how, Subject ours) {
        ratio(
                "catch-up against one stream" + how,
                ONE_STREAM,
                false,
                new Pair(
                        results.all(CatchUpWorkload.CATCH_UP, ours, CatchUpWorkload.RATE),
                        results.all(CatchUpWorkload.CATCH_UP, ours, CatchUpWorkload.ONE_STREAM)));
    }

    private void start(String name, String metric) {
        ratio(name, START, true, of(StartWorkload.START, metric, Subject.MILLRACE, Subject.KAFKA));
    }

    private record Pair(List<Double> ours, List<Double> theirs) {}

    private Pair of(String workload, String metric, Subject ours, Subject theirs) {
        return new Pair(results.all(workload, ours, metric), results.all(workload, theirs, metric));
    }

    private void ratio(String name, double target, boolean atMost, Pair pair) {
        Goal.of(name, target, atMost, pair.ours, pair.theirs).ifPresent(goals::add);
    }
}
