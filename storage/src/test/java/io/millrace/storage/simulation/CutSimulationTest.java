package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.simulation.seed.Seeds;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A log that is cut again and again, through crashes and losses of power at any change of the disk,
 * with summaries of its producers that are damaged, lost or old: after every cut, what is known of
 * producers and their transactions is what the batches say that are left.
 */
class CutSimulationTest {
    private static final int SEEDS = 400;
    private static final int ROUNDS = 6;

    @Test
    @Tag("simulation")
    void whatIsKnownOfProducersAfterACutIsWhatAReplayOfTheWholeLogGives() {
        var summarised = new AtomicLong();
        var repaired = new AtomicLong();
        Seeds.each(
                SEEDS,
                seed -> {
                    var play = new CutPlay(seed);
                    for (int round = 0; round < ROUNDS; round++) {
                        play.steps(60);
                        play.cutUntilACrash();
                        play.cutAndCheck();
                    }
                    summarised.addAndGet(play.summaries());
                    repaired.addAndGet(play.repairs());
                    return play.played();
                });
        if (Seeds.areUsual()) {
            assertThat(summarised).hasValueGreaterThan(SEEDS);
            assertThat(repaired).hasValueGreaterThan(SEEDS / 20);
        }
    }
}
