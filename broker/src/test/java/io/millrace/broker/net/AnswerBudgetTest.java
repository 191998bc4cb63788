package io.millrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AnswerBudgetTest {
    private static final int MOST_BYTES = 100;
    private static final long LATER_MS = 2 * AnswerBudget.SPARED_MS;

    private final AnswerBudget budget = new AnswerBudget(MOST_BYTES);
    private final List<String> closed = new ArrayList<>();

    /** A connection that is closed a moment after it was asked to. */
    private AnswerBudget.Account open(String name) {
        return budget.open(why -> {
            assertThat(why).contains("does not read");
            closed.add(name);
        });
    }

    @Test
    void theConnectionThatHoldsMostForLongestIsClosed() {
        open("small").set(20, 0);
        open("large").set(60, 0);
        open("late").set(70, LATER_MS);

        assertThat(closed).containsExactly("large");
    }

    @Test
    void noMoreAreClosedThanTheRestNeeds() {
        for (int i = 0; i < 6; i++) {
            open("c" + i).set(20, i);
        }
        assertThat(closed).isEmpty();

        open("last").set(20, LATER_MS);

        assertThat(closed).containsExactly("c0", "c1");
    }

    @Test
    void whoHasJustTakenSomethingIsSparedUpToTwiceTheLimit() {
        AnswerBudget.Account reader = open("reader");
        reader.set(90, 0);
        reader.set(80, LATER_MS);
        AnswerBudget.Account other = open("other");

        other.set(80, LATER_MS);
        assertThat(closed).isEmpty();
        other.set(150, LATER_MS);
        assertThat(closed).containsExactly("other");
    }

    @Test
    void oneAloneMayHoldMore() {
        AnswerBudget.Account alone = open("alone");
        alone.set(10 * MOST_BYTES, 0);
        alone.set(20 * MOST_BYTES, LATER_MS);

        assertThat(closed).isEmpty();
    }

    @Test
    void whatIsTakenOrLostIsGivenBack() {
        var random = new Random(1);
        var accounts = new ArrayList<AnswerBudget.Account>();
        for (int i = 0; i < 10; i++) {
            accounts.add(open("c" + i));
        }
        for (int step = 0; step < 1000; step++) {
            accounts.get(random.nextInt(10)).set(random.nextInt(50), step);
            assertThat(budget.usedBytes())
                    .isEqualTo(accounts.stream().mapToLong(AnswerBudget.Account::bytes).sum());
        }
        accounts.forEach(account -> account.set(0, 1000));
        assertThat(budget.usedBytes()).isZero();
    }
}
