package io.millrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class FetchSharesTest {
    private final FetchShares<String> shares = new FetchShares<>(1_000, 100);

    @Test
    void oneThatIsBehindAloneIsAskedForAWholeAnswer() {
        shares.answered(Map.of("a", 100, "b", 10));

        assertThat(shares.of("a")).isEqualTo(1_000);
        assertThat(shares.of("b")).isEqualTo(100);
    }

    @Test
    void thoseThatAreBehindShareAnAnswer() {
        shares.answered(Map.of("a", 100, "b", 90, "c", 51, "d", 60));

        assertThat(shares.of("a")).isEqualTo(250);
    }

    @Test
    void nobodyIsAskedForLessThanAlways() {
        var many = new FetchShares<Integer>(200, 100);
        many.answered(Map.of(1, 100, 2, 100, 3, 100));

        assertThat(many.of(1)).isEqualTo(100);
    }

    @Test
    void whoHasCaughtUpIsNotBehind() {
        shares.answered(Map.of("a", 100, "b", 100));
        shares.answered(Map.of("a", 499, "b", 100));

        assertThat(shares.of("a")).isEqualTo(1_000);
        assertThat(shares.of("b")).isEqualTo(100);
    }

    @Test
    void whoHadNoPlaceInAnAnswerIsStillBehind() {
        shares.answered(Map.of("a", 100, "b", 100));
        shares.answered(Map.of("a", 501));

        assertThat(shares.of("b")).isEqualTo(500);
    }

    @Test
    void whoIsNotInASmallAnswerHasNothingToFetch() {
        shares.answered(Map.of("a", 100, "b", 100));
        shares.answered(Map.of("a", 400));

        assertThat(shares.of("b")).isEqualTo(100);
    }

    @Test
    void whoIsFetchedNoMoreLeavesItsShareToOthers() {
        shares.answered(Map.of("a", 100, "b", 100));
        shares.forget("a");

        assertThat(shares.of("b")).isEqualTo(1_000);
    }
}
