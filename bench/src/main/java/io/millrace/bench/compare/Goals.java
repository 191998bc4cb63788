package io.millrace.bench.compare;

import io.millrace.bench.report.Goal;
import java.util.ArrayList;
import java.util.List;

/** The ratios that are aimed at, from what was measured; what was not is left out. */
final class Goals {
    private final Results results;
    private final List<Goal> goals = new ArrayList<>();

    private Goals(Results results) {
        this.results = results;
    }

    static List<Goal> of(Results results, Plan plan) {
        var made = new Goals(results);
        made.all(plan);
        return made.goals;
    }

    private void all(Plan plan) {
        Subject ours = Subject.MILLRACE;
        Subject kafka = Subject.KAFKA;
        atMost("CPU per MB, batched produce 1 KiB", 0.5, Workloads.PRODUCE_1K, "CPU");
        atMost("CPU per record, unbatched produce 100 B", 0.4, Workloads.PRODUCE_100_SINGLE, "CPU");
        atMost("CPU per MB, catch-up consume, cold cache", 0.7, Workloads.CATCH_UP_COLD, "CPU");
        atMost("CPU per MB, catch-up consume, warm cache", 0.7, Workloads.CATCH_UP, "CPU");
        atMost("produce p99 at half of Kafka's peak", 0.5, Workloads.HALF_PEAK, "p99");
        ratio(
                "produce p99 at half of Kafka's peak, both with fsync",
                0.25,
                true,
                results.all(Workloads.HALF_PEAK, Subject.MILLRACE_FSYNC, "p99"),
                results.all(Workloads.HALF_PEAK, Subject.KAFKA_FSYNC, "p99"));
        ratio(
                "peak rate 1 KiB, Millrace with fsync against Kafka without",
                0.8,
                false,
                results.all(Workloads.PRODUCE_1K, Subject.MILLRACE_FSYNC, "throughput"),
                results.all(Workloads.PRODUCE_1K, kafka, "throughput"));
        atMost("end to end p50, 100 B, acks=all", 0.6, Workloads.END_TO_END, "p50");
        atMost("end to end p99, 100 B, acks=all", 0.6, Workloads.END_TO_END, "p99");
        atMost("start-up", 0.33, Workloads.START, "first answer");
        atMost("idle memory", 0.33, Workloads.START, "idle memory");
        String many = ManyPartitions.workload(plan.manyPartitions());
        atMost(many + ": restart after kill -9", 0.25, many, "restart after kill -9");
        atMost(many + ": memory", 0.33, many, "memory");
        spread(plan, ours);
    }

    /** Not against the rival, but against itself with one partition. */
    private void spread(Plan plan, Subject ours) {
        String few = Workloads.SPREAD.formatted(plan.partitions().getFirst());
        String spread = Workloads.SPREAD.formatted(plan.partitions().getLast());
        ratio(
                "CPU per record at equal load, %,d partitions against 1"
                        .formatted(plan.partitions().getLast()),
                1.5,
                true,
                results.all(spread, ours, "CPU a record"),
                results.all(few, ours, "CPU a record"));
    }

    private void atMost(String name, double target, String workload, String metric) {
        ratio(
                name,
                target,
                true,
                results.all(workload, Subject.MILLRACE, metric),
                results.all(workload, Subject.KAFKA, metric));
    }

    private void ratio(
            String name, double target, boolean atMost, List<Double> ours, List<Double> theirs) {
        Goal.of(name, target, atMost, ours, theirs).ifPresent(goals::add);
    }
}
