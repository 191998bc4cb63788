package io.millrace.bench.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.io.plan.Chart;
import io.millrace.bench.io.plan.Extent;
import io.millrace.bench.io.plan.IoPlan;
import io.millrace.bench.io.plan.Job;
import io.millrace.bench.io.plan.Subject;
import io.millrace.bench.io.plan.SyncPolicy;
import io.millrace.bench.io.plan.Workload;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class IoPlanTest {
    static List<Extent> extents() {
        return List.of(Extent.QUICK, Extent.FULL);
    }

    @ParameterizedTest
    @MethodSource("extents")
    void noFigureIsTakenTwiceInARound(Extent extent) {
        List<Job> jobs = IoPlan.of(extent);

        List<String> names = jobs.stream().map(job -> job.workload().name() + job.line()).toList();

        assertThat(names).doesNotHaveDuplicates();
        assertThat(new HashSet<>(jobs)).hasSameSizeAs(jobs);
    }

    @ParameterizedTest
    @MethodSource("extents")
    void everyWorkloadOfALogHasAPlainFileBesideIt(Extent extent) {
        List<Job> jobs = IoPlan.of(extent);

        for (Job job : jobs) {
            if (!job.subject().isPlain()) {
                assertThat(jobs)
                        .anyMatch(other ->
                                other.subject() == Subject.PLAIN
                                        && other.workload().equals(job.workload()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("extents")
    void jobsOfOneChartFollowEachOther(Extent extent) {
        List<Chart> order = IoPlan.of(extent).stream().map(Job::chart).toList();

        long changes = 1;
        for (int i = 1; i < order.size(); i++) {
            changes += order.get(i) == order.get(i - 1) ? 0 : 1;
        }

        assertThat(changes).isEqualTo(Chart.values().length);
    }

    @ParameterizedTest
    @MethodSource("extents")
    void blocksPastThePageCacheAreWholePages(Extent extent) {
        assertThat(IoPlan.of(extent))
                .filteredOn(job -> job.subject() == Subject.DIRECT)
                .allMatch(job -> job.workload().blockBytes() % 4096 == 0);
    }

    @ParameterizedTest
    @MethodSource("extents")
    void aRunEndsInTheTimeThatItsHelpPromises(Extent extent) {
        long mostMs = (long) extent.rounds() * extent.runMs() * IoPlan.of(extent).size();

        long promisedMs = extent.equals(Extent.QUICK) ? 5 * 60_000 : 18 * 60_000;

        assertThat(mostMs).isLessThan(promisedMs * 3 / 4);
    }

    @Test
    void namesSayWhatIsDone() {
        var writes = Workload.Writes.sequential(64 << 10, new SyncPolicy.Every(16)).over(10);

        assertThat(writes.name()).isEqualTo("sequential write over 10 files, 64 KiB, 16 a sync");
        assertThat(new Workload.Reads(true, 512, 1, true).name())
                .isEqualTo("random read, 512 B, cold");
        assertThat(Workload.Writes.sequential(1 << 20, new SyncPolicy.Interval(10)).name())
                .isEqualTo("sequential write, 1 MiB, a sync every 10 ms");
    }
}
