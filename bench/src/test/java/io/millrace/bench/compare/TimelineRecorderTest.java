package io.millrace.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.report.Series;
import org.junit.jupiter.api.Test;

class TimelineRecorderTest {
    private static final long MS = 1_000_000;

    @Test
    void theWorstOfEachTenthOfASecondIsKeptAndEmptyOnesAreLeftOut() {
        var recorder = new TimelineRecorder(0);

        recorder.answered(10 * MS, 2 * MS);
        recorder.answered(99 * MS, MS);
        recorder.answered(250 * MS, 7 * MS);

        assertThat(recorder.points())
                .containsExactly(new Series.Point(0, 2), new Series.Point(0.2, 7));
    }
}
