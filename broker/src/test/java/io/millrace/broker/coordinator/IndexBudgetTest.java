package io.millrace.broker.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class IndexBudgetTest {
    private static final long MOST_BYTES = 10 << 20;

    @Test
    void whoeverHoldsLittleGoesOnWhileOthersHaveTakenAll() {
        var budget = new IndexBudget(MOST_BYTES);
        budget.add(MOST_BYTES - 1);
        assertThat(budget.mayGrow(MOST_BYTES / 2)).isTrue();

        budget.add(1);

        assertThat(budget.mayGrow(MOST_BYTES / 2)).isFalse();
        assertThat(budget.mayGrow(100_000)).isTrue();
        budget.add(-MOST_BYTES / 2);
        assertThat(budget.mayGrow(MOST_BYTES / 2)).isTrue();
    }
}
