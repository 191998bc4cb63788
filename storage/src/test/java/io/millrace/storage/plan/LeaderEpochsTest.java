package io.millrace.storage.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.plan.LeaderEpochs.Start;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LeaderEpochsTest {
    private final LeaderEpochs epochs = new LeaderEpochs();

    @BeforeEach
    void begin() {
        epochs.begin(1, 10);
        epochs.begin(4, 40);
    }

    @Test
    void oneThatBeganEarlierOrWasNotKnownIsLearnt() {
        epochs.learn(4, 35);
        epochs.learn(2, 20);

        assertThat(epochs.starts())
                .containsExactly(new Start(1, 10), new Start(2, 20), new Start(4, 35));
    }

    @Test
    void oneOlderThanWhatIsThereIsNotLearnt() {
        epochs.learn(2, 45);
        epochs.learn(1, 20);

        assertThat(epochs.starts()).containsExactly(new Start(1, 10), new Start(4, 40));
    }

    @Test
    void oneNewerThanAllIsLearntOnlyBehindThemAll() {
        epochs.learn(5, 20);
        assertThat(epochs.latest()).isEqualTo(4);

        epochs.learn(5, 50);
        assertThat(epochs.epochAt(50)).isEqualTo(5);
        assertThat(epochs.epochAt(49)).isEqualTo(4);
    }

    @Test
    void oneThatHasNotBegunYetBeginsWhereItDoes() {
        assertThat(epochs.beginsWithin(4, 40, 41)).isTrue();
        assertThat(epochs.beginsWithin(4, 41, 50)).isFalse();
        assertThat(epochs.beginsWithin(3, 40, 41)).isFalse();

        epochs.notYet(4, List.of(new Start(1, 41), new Start(2, 44), new Start(4, 50)));

        assertThat(epochs.starts())
                .containsExactly(new Start(1, 10), new Start(2, 44), new Start(4, 50));
    }

    @Test
    void oneThatNeverWasIsForgotten() {
        epochs.notYet(4, List.of());

        assertThat(epochs.starts()).containsExactly(new Start(1, 10));
    }

    @Test
    void aCopyStaysAsItIs() {
        LeaderEpochs copy = epochs.copy();
        epochs.begin(6, 60);

        assertThat(copy.latest()).isEqualTo(4);
    }
}
