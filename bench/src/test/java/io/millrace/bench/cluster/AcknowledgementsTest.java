package io.millrace.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.report.Series;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AcknowledgementsTest {
    private final Acknowledgements acknowledged = new Acknowledgements(2);

    private void at(int partition, long... timesMs) {
        for (long timeMs : timesMs) {
            acknowledged.acknowledged(partition, ns(timeMs));
        }
    }

    private static long ns(long ms) {
        return TimeUnit.MILLISECONDS.toNanos(ms);
    }

    @Test
    void theGapThatAnEventIsInCounts() {
        at(0, 0, 10, 95, 400, 410);

        assertThat(acknowledged.longestGapMs(0, ns(100))).isEqualTo(305);
    }

    @Test
    void aGapThatEndedBeforeTheEventDoesNot() {
        at(0, 0, 500, 510, 520);

        assertThat(acknowledged.longestGapMs(0, ns(505))).isEqualTo(10);
    }

    @Test
    void partitionsHaveGapsOfTheirOwn() {
        at(0, 0, 100);
        at(1, 0, 30);

        assertThat(acknowledged.longestGapMs(1, ns(1))).isEqualTo(30);
    }

    @Test
    void theLastBeforeTheEventIsNotForgotten() {
        at(0, 10, 20);
        acknowledged.forgetBefore(ns(100));
        at(0, 150);

        assertThat(acknowledged.longestGapMs(0, ns(100))).isEqualTo(130);
    }

    @Test
    void oneThatWasWrittenAloneIsNotEach() {
        at(0, 50);

        assertThat(acknowledged.isEachSince(ns(10))).isFalse();
        at(1, 20);
        assertThat(acknowledged.isEachSince(ns(10))).isTrue();
        assertThat(acknowledged.isEachSince(ns(20))).isFalse();
    }

    @Test
    void theRateCountsAllPartitionsSlotBySlot() {
        at(0, 5, 60, 70);
        at(1, 99, 150);

        assertThat(acknowledged.rate(ns(0), ns(100), ns(50)))
                .containsExactly(new Series.Point(0, 20), new Series.Point(0.05, 60));
    }
}
