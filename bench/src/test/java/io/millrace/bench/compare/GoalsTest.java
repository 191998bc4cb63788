package io.millrace.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.report.Goal;
import java.util.List;
import org.junit.jupiter.api.Test;

class GoalsTest {
    private final Results results = new Results();

    private void rounds(Subject subject, String workload, String metric, double... values) {
        for (double value : values) {
            results.add(workload, subject, metric, "unit", value);
        }
    }

    private Goal goal(String name) {
        return Goals.of(results, Plan.QUICK).stream()
                .filter(one -> one.name().contains(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRatioIsTheMedianOfTheRoundsRatios() {
        rounds(Subject.MILLRACE, Workloads.PRODUCE_1K, "CPU", 2, 9, 3);
        rounds(Subject.KAFKA, Workloads.PRODUCE_1K, "CPU", 10, 10, 5);

        Goal goal = goal("CPU per MB, batched");

        assertThat(goal.ratio()).isEqualTo(0.6);
        assertThat(goal.least()).isEqualTo(0.2);
        assertThat(goal.most()).isEqualTo(0.9);
        assertThat(goal.met()).isFalse();
    }

    @Test
    void aRateIsMetFromBelow() {
        rounds(Subject.MILLRACE_FSYNC, Workloads.PRODUCE_1K, "throughput", 85);
        rounds(Subject.KAFKA, Workloads.PRODUCE_1K, "throughput", 100);

        assertThat(goal("peak rate").met()).isTrue();
        assertThat(goal("peak rate").atMost()).isFalse();
    }

    @Test
    void syncedProducesAreComparedWithSyncedOnes() {
        rounds(Subject.MILLRACE_FSYNC, Workloads.HALF_PEAK, "p99", 10);
        rounds(Subject.KAFKA_FSYNC, Workloads.HALF_PEAK, "p99", 100);
        rounds(Subject.MILLRACE, Workloads.HALF_PEAK, "p99", 3);
        rounds(Subject.KAFKA, Workloads.HALF_PEAK, "p99", 4);

        assertThat(goal("both with fsync").ratio()).isEqualTo(0.1);
        assertThat(goal("produce p99 at half of Kafka's peak").ratio()).isEqualTo(0.75);
    }

    @Test
    void theCostOfManyPartitionsIsAgainstOurOwnWithOne() {
        rounds(Subject.MILLRACE, Workloads.SPREAD.formatted(1), "CPU a record", 4, 4);
        rounds(Subject.MILLRACE, Workloads.SPREAD.formatted(1_000), "CPU a record", 5, 6);
        rounds(Subject.KAFKA, Workloads.SPREAD.formatted(1), "CPU a record", 1, 1);

        Goal goal = goal("1,000 partitions against 1");

        assertThat(goal.ratio()).isEqualTo(1.375);
        assertThat(goal.met()).isTrue();
    }

    @Test
    void whatOnlyOneWasMeasuredByIsNoGoal() {
        rounds(Subject.MILLRACE, Workloads.PRODUCE_1K, "CPU", 2);

        assertThat(Goals.of(results, Plan.QUICK)).isEmpty();
    }

    @Test
    void everyGoalThatTheRunDecidesIsThere() {
        for (Subject subject :
                List.of(
                        Subject.KAFKA,
                        Subject.MILLRACE,
                        Subject.KAFKA_FSYNC,
                        Subject.MILLRACE_FSYNC)) {
            for (String workload :
                    List.of(
                            Workloads.START,
                            Workloads.PRODUCE_1K,
                            Workloads.PRODUCE_100_SINGLE,
                            Workloads.CATCH_UP,
                            Workloads.CATCH_UP_COLD,
                            Workloads.HALF_PEAK,
                            Workloads.END_TO_END,
                            Workloads.SPREAD.formatted(1),
                            Workloads.SPREAD.formatted(1_000),
                            ManyPartitions.workload(5_000))) {
                for (String metric :
                        List.of(
                                "CPU",
                                "CPU a record",
                                "throughput",
                                "p50",
                                "p99",
                                "first answer",
                                "idle memory",
                                "memory",
                                "restart after kill -9")) {
                    rounds(subject, workload, metric, 1);
                }
            }
        }

        assertThat(Goals.of(results, Plan.FULL)).hasSize(14).allMatch(goal -> goal.ratio() == 1);
    }
}
