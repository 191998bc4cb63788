package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.LogConfig;
import io.millrace.storage.LogConfig.Segments;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Seeded histories of a leader and its follower; a failure prints its seed. */
class ReplicaSimulationTest {
    private static final int SEEDS = 500;

    private static ReplicaPlay started(long seed, boolean deleting) {
        var segments =
                new Segments(
                        400 + (int) (seed % 5) * 500,
                        60_000,
                        0,
                        1 << 20,
                        100 + (int) (seed % 3) * 300);
        return new ReplicaPlay(seed, LogConfig.defaults().withSegment(segments), deleting);
    }

    private static ReplicaPlay play(long seed, boolean deleting) {
        ReplicaPlay play = started(seed, deleting);
        for (int round = 0; round < 4; round++) {
            play.steps(20);
            play.stepsUntilACrash();
        }
        return play;
    }

    @Test
    @Tag("simulation")
    void aFollowerIsWhatItsLeaderIsThroughCrashesAndChangesOfRoles() {
        Seeds.each(SEEDS, seed -> play(seed, false).played());
    }

    @Test
    @Tag("simulation")
    void aFollowerFollowsTheStartOfItsLeadersLogAndStartsAnewWhereItIsLeftBehind() {
        Seeds.each(SEEDS, seed -> play(seed, true).played());
    }

    @Test
    @Tag("simulation")
    void aRestartThatACrashCutsShortLeavesTheOldLogOrTheNewOne() {
        var anew = new AtomicInteger();
        Seeds.each(
                SEEDS,
                seed -> {
                    var play = started(seed, false);
                    play.steps(40);
                    anew.addAndGet(play.restartLeaderUntilACrash() ? 1 : 0);
                    play.appendAfterACrash();
                    return play.played();
                });
        if (Seeds.areUsual()) {
            assertThat(anew).hasValueBetween(SEEDS / 10, SEEDS * 9 / 10);
        }
    }
}
