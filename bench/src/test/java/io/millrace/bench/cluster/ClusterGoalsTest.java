package io.millrace.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.compare.Results;
import io.millrace.bench.compare.Subject;
import io.millrace.bench.report.Goal;
import org.junit.jupiter.api.Test;

class ClusterGoalsTest {
    private final Results results = new Results();

    private void values(Subject subject, String workload, String metric, double... values) {
        for (double value : values) {
            results.add(workload, subject, metric, "unit", value);
        }
    }

    private Goal goal(String name) {
        return ClusterGoals.of(results).stream()
                .filter(one -> one.name().contains(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eventsAreComparedByTheirMiddleAndByTheirWorst() {
        String kill = FailoverWorkload.Event.KILL_LEADER.workload();
        values(Subject.MILLRACE, kill, FailoverWorkload.LED_THERE, 100, 900, 200);
        values(Subject.KAFKA, kill, FailoverWorkload.LED_THERE, 1000, 800, 2000);

        assertThat(goal("led there, median").ratio()).isEqualTo(0.2);
        assertThat(goal("led there, worst").ratio()).isEqualTo(0.45);
        assertThat(goal("led there, worst").met()).isTrue();
    }

    @Test
    void catchUpIsMeasuredByTheStreamOfTheSameTurn() {
        values(Subject.MILLRACE_FSYNC, CatchUpWorkload.CATCH_UP, CatchUpWorkload.RATE, 80);
        values(Subject.MILLRACE_FSYNC, CatchUpWorkload.CATCH_UP, CatchUpWorkload.ONE_STREAM, 100);

        assertThat(goal("one stream, with fsync").ratio()).isEqualTo(0.8);
        assertThat(goal("one stream, with fsync").atMost()).isFalse();
    }

    @Test
    void syncedClustersAreComparedWithSyncedOnes() {
        values(Subject.MILLRACE_FSYNC, ProduceWorkload.PRODUCE_1K, "throughput", 30);
        values(Subject.KAFKA_FSYNC, ProduceWorkload.PRODUCE_1K, "throughput", 10);
        values(Subject.KAFKA, ProduceWorkload.PRODUCE_1K, "throughput", 100);

        assertThat(goal("both with fsync").ratio()).isEqualTo(3);
        assertThat(ClusterGoals.of(results)).hasSize(1);
    }

    @Test
    void theEventsOfAllRoundsAreAsManyAsThePlanHas() {
        ClusterPlan three = new ClusterPlan(3, 20, 1, 1, 1, 1);

        assertThat(three.eventsOf(1) + three.eventsOf(2) + three.eventsOf(3)).isEqualTo(20);
    }
}
