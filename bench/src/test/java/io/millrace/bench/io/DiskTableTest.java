package io.millrace.bench.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.io.plan.Chart;
import io.millrace.bench.io.plan.Job;
import io.millrace.bench.io.plan.Subject;
import io.millrace.bench.io.plan.SyncPolicy;
import io.millrace.bench.io.plan.Workload;
import io.millrace.bench.report.Goal;
import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Series;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class DiskTableTest {
    private final IoFigures figures = new IoFigures();

    @Test
    void theShareIsOfTheBestPlainFileOfTheSameRound() {
        add(Subject.PLAIN, 16 << 10, 1000, 2000);
        add(Subject.MAPPED, 16 << 10, 1500, 1600);
        add(Subject.MILLRACE, 16 << 10, 600, 500);
        add(Subject.MILLRACE, 64 << 10, 1200, 1000);

        Goal goal = new DiskTable(figures).goals().getFirst();

        assertThat(goal.most()).isEqualTo(1200.0 / 1500);
        assertThat(goal.least()).isEqualTo(1000.0 / 2000);
        assertThat(goal.ratio()).isEqualTo(0.65);
        assertThat(goal.met()).isFalse();
    }

    @Test
    void queuesAndPreallocatedFilesAreNotTheDisksBest() {
        add(Subject.PLAIN, 16 << 10, 1000);
        add(Subject.CHRONICLE, 16 << 10, 9000);
        var zeros = Workload.Writes.sequential(16 << 10, SyncPolicy.NEVER).overZeros();
        figures.add(new Job(zeros, Subject.PLAIN, Chart.APPEND, 16), outcome(8000));
        add(Subject.MILLRACE, 16 << 10, 800);

        assertThat(new DiskTable(figures).measurements())
                .contains(
                        new Measurement(
                                "What the disk can do, and the share of it",
                                "share",
                                "append, never synced, MB/s",
                                "",
                                List.of(0.8)));
    }

    @Test
    void whatWasNotMeasuredIsLeftOut() {
        add(Subject.PLAIN, 16 << 10, 1000);

        assertThat(new DiskTable(figures).measurements()).isEmpty();
        assertThat(new DiskTable(figures).goals()).isEmpty();
    }

    @Test
    void aLineHasAPointForEachBlockSize() {
        add(Subject.PLAIN, 4 << 10, 500, 700);
        add(Subject.PLAIN, 16 << 10, 1000, 1000);

        assertThat(figures.series())
                .containsExactly(
                        new Series(
                                Chart.APPEND.title(),
                                "plain file",
                                "block, KiB",
                                "MB/s",
                                List.of(new Series.Point(4, 600), new Series.Point(16, 1000))));
    }

    private void add(Subject subject, int block, double... megabytesPerS) {
        var workload = Workload.Writes.sequential(block, SyncPolicy.NEVER);
        for (double rate : megabytesPerS) {
            figures.add(new Job(workload, subject, Chart.APPEND, block / 1024.0), outcome(rate));
        }
    }

    private static Outcome outcome(double megabytesPerS) {
        var latencyNs = new Histogram(3);
        latencyNs.recordValue(1000);
        long bytes = (long) (megabytesPerS * 1e6);
        return new Outcome(bytes, 1_000_000_000, 2_000_000_000, latencyNs, -1);
    }
}
