package io.millrace.bench.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.bench.io.plan.Chart;
import io.millrace.bench.io.plan.Extent;
import io.millrace.bench.io.plan.IoPlan;
import io.millrace.bench.io.plan.Job;
import io.millrace.bench.io.plan.Subject;
import io.millrace.bench.io.plan.Workload;
import io.millrace.bench.io.store.Blocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every pattern for real, with tiny sizes. */
final class JobRunTest {
    @TempDir private Path folder;

    @Test
    void everyPatternRunsAndLeavesNothingOfWhatItWrote() throws IOException, InterruptedException {
        var run = new JobRun(folder, Extent.SMOKE);
        boolean direct = Blocks.canBeDirect(folder);

        for (Job job : IoPlan.of(Extent.SMOKE)) {
            if (direct || job.subject() != Subject.DIRECT) {
                Outcome outcome = run.run(job);

                assertThat(outcome.bytes()).as(job.toString()).isPositive();
                assertThat(outcome.latencyNs().getTotalCount()).isPositive();
                assertThat(outcome.elapsedNs()).isPositive();
            }
        }

        assertThat(folder.resolve("write")).doesNotExist();
    }

    @Test
    void aColdReadReadsEachBlockOnce() throws IOException, InterruptedException {
        var extent = new Extent(1, 60_000, 1 << 20, 1 << 20, 1 << 20, Extent.Widths.FEW);
        var run = new JobRun(folder, extent);
        var reads = new Workload.Reads(false, 16 << 10, 1, true);

        for (Subject subject : List.of(Subject.PLAIN, Subject.MAPPED, Subject.MILLRACE)) {
            Outcome outcome = run.run(new Job(reads, subject, Chart.READ_COLD, 16));

            assertThat(outcome.bytes()).isBetween((long) (0.9 * (1 << 20)), 1L << 20);
            assertThat(outcome.latencyNs().getTotalCount()).isEqualTo(64);
        }
    }

    @Test
    void aScratchFolderIsGoneWhenItIsClosed() throws IOException {
        Path path;
        try (var scratch = new ScratchFolder(folder)) {
            path = scratch.path();
            Files.createFile(path.resolve("file"));
        }

        assertThat(path).doesNotExist();
    }

    @Test
    void nothingThatReportsToAnyoneIsOnTheClassPath() {
        assertThatThrownBy(() -> Class.forName("net.openhft.chronicle.analytics.Analytics"))
                .isInstanceOf(ClassNotFoundException.class);
    }
}
