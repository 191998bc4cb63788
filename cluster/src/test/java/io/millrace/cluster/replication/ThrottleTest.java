package io.millrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.simulation.seed.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ThrottleTest {
    private static final int SEEDS = 200;

    @Test
    void aSecondsWorthMayBeMovedAtOnceAndNoMoreUntilThatHasGone() {
        Throttle throttle = Throttle.idle(0).moved(1_000, 1_000, 0);
        assertThat(throttle.isExceeded(1_000, 0)).isFalse();

        throttle = throttle.moved(500, 1_000, 0);
        assertThat(throttle.isExceeded(1_000, 499)).isTrue();
        assertThat(throttle.isExceeded(1_000, 500)).isFalse();
        assertThat(throttle.isExceeded(2_000, 0)).isFalse();
    }

    @Test
    void aClockThatGoesBackFreesNothing() {
        Throttle throttle = Throttle.idle(1_000).moved(1_500, 1_000, 1_000).moved(0, 1_000, 0);

        assertThat(throttle.isExceeded(1_000, 1_499)).isTrue();
        assertThat(throttle.isExceeded(1_000, 1_500)).isFalse();
    }

    @Test
    void inTheLongRunTheRateIsKeptAndUsed() {
        Seeds.each(
                SEEDS,
                seed -> {
                    var random = new Random(seed);
                    int rate = 1_000 + random.nextInt(1_000_000);
                    int largest = rate / 2;
                    var throttle = Throttle.idle(0);
                    long nowMs = 0;
                    long moved = 0;
                    while (nowMs < 60_000) {
                        nowMs += random.nextInt(100);
                        if (!throttle.isExceeded(rate, nowMs)) {
                            int bytes = largest / 2 + random.nextInt(largest);
                            throttle = throttle.moved(bytes, rate, nowMs);
                            moved += bytes;
                        }
                        assertThat(moved).isLessThanOrEqualTo(rate * nowMs / 1_000 + 2L * rate);
                    }
                    assertThat(moved).isGreaterThan(rate * 59L);
                    return 1;
                });
    }
}
