package io.millrace.bench.torture.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.torture.verdict.Outages.Spread;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The longest time without an acknowledgement. */
final class OutagesTest {
    private static NavigableSet<Long> times(Long... times) {
        return new TreeSet<>(List.of(times));
    }

    @Test
    void aGapCountsAsAWholeThoughItBeganBeforeTheWindowAndEndedAfterIt() {
        assertThat(Outages.longestMs(Map.of("p", times(0L, 90L, 300L, 310L)), 100, 200))
                .isEqualTo(210);
    }

    @Test
    void gapsOutsideTheWindowDoNotCount() {
        assertThat(Outages.longestMs(Map.of("p", times(0L, 95L, 150L, 205L, 900L)), 100, 200))
                .isEqualTo(55);
    }

    @Test
    void theWorstSeriesCounts() {
        assertThat(
                        Outages.longestMs(
                                Map.of("p", times(100L, 150L, 200L), "q", times(100L, 200L)),
                                100,
                                200))
                .isEqualTo(100);
    }

    @Test
    void aSeriesThatEndsInTheWindowIsSilentToItsEnd() {
        assertThat(Outages.longestMs(Map.of("p", times(120L)), 100, 200)).isEqualTo(80);
        assertThat(Outages.longestMs(Map.of("p", times()), 100, 200)).isEqualTo(100);
    }

    @Test
    void aSpreadHasItsMiddle() {
        assertThat(Spread.of(9, 1, 5)).isEqualTo(new Spread(3, 1, 5, 9));
        assertThat(Spread.of(4)).isEqualTo(new Spread(1, 4, 4, 4));
    }
}
