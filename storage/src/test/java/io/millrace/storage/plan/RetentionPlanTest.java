package io.millrace.storage.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.plan.RetentionPlan.Limits;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RetentionPlanTest {
    private static final List<SegmentFacts> SEGMENTS =
            List.of(
                    new SegmentFacts(0, 10, 100, 1000),
                    new SegmentFacts(10, 20, 100, 2000),
                    new SegmentFacts(20, 30, 100, 3000));

    @Test
    void oldSegmentsGoByTheirNewestRecord() {
        assertThat(RetentionPlan.deletable(SEGMENTS, new Limits(500, -1), 0, 30, 2000))
                .isEqualTo(1);
    }

    @Test
    void theActiveSegmentGoesToo() {
        assertThat(RetentionPlan.deletable(SEGMENTS, new Limits(500, -1), 0, 30, 9000))
                .isEqualTo(3);
    }

    @Test
    void theOldestGoUntilTheRestFits() {
        assertThat(RetentionPlan.deletable(SEGMENTS, new Limits(-1, 150), 0, 30, 0)).isEqualTo(1);
        assertThat(RetentionPlan.deletable(SEGMENTS, new Limits(-1, 100), 0, 30, 0)).isEqualTo(2);
    }

    @Test
    void whatIsNotCommittedStays() {
        assertThat(RetentionPlan.deletable(SEGMENTS, new Limits(0, -1), 0, 15, 9000)).isEqualTo(1);
    }

    @Test
    void whatLiesBeforeTheLogStartGoesWhateverThePolicy() {
        assertThat(RetentionPlan.deletable(SEGMENTS, new Limits(-1, -1), 20, 30, 0)).isEqualTo(2);
    }

    @Test
    void aCompactionWaitsUntilEnoughIsNew() {
        var limits = new CompactionPlan.Limits(0.5, 0, Long.MAX_VALUE);

        assertThat(CompactionPlan.segments(SEGMENTS, limits, 20, 30, 9000)).isZero();
        assertThat(CompactionPlan.segments(SEGMENTS, limits, 10, 30, 9000)).isEqualTo(3);
        assertThat(CompactionPlan.segments(SEGMENTS, limits, 0, 20, 9000)).isEqualTo(2);
    }

    @Test
    void epochsEndWhereTheNextBegins() {
        var epochs = new LeaderEpochs();
        epochs.begin(1, 0);
        epochs.begin(3, 10);

        assertThat(epochs.endOf(1, 25)).isEqualTo(new LeaderEpochs.Start(1, 10));
        assertThat(epochs.endOf(2, 25)).isEqualTo(new LeaderEpochs.Start(1, 10));
        assertThat(epochs.endOf(3, 25)).isEqualTo(new LeaderEpochs.Start(3, 25));
        assertThat(epochs.endOf(4, 25)).isEqualTo(new LeaderEpochs.Start(-1, -1));
    }
}
