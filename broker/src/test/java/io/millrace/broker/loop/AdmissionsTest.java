package io.millrace.broker.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class AdmissionsTest {
    private final Admissions admissions = new Admissions();
    private final ArrayList<Integer> run = new ArrayList<>();

    @Test
    void batchesBehindOneThatWaitsHaveTheirTurnInOrder() {
        admissions.begin(7);
        admissions.behind(7, () -> run.add(2));
        admissions.behind(7, () -> run.add(3));
        assertThat(admissions.isUnderWay(8)).isFalse();

        admissions.end(7);

        assertThat(run).containsExactly(2, 3);
        assertThat(admissions.isUnderWay(7)).isFalse();
    }

    @Test
    void oneThatWaitsInItsTurnHoldsThoseBehindItBackAgain() {
        admissions.begin(7);
        admissions.behind(7, () -> admissions.begin(7));
        admissions.behind(7, () -> run.add(3));

        admissions.end(7);
        assertThat(run).isEmpty();

        admissions.end(7);
        assertThat(run).containsExactly(3);
    }
}
