package io.millrace.storage.simulation;

import io.millrace.storage.LogConfig;
import io.millrace.storage.LogConfig.Segments;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Seeded histories of a leader and its follower; a failure prints its seed. */
class ReplicaSimulationTest {
    private static final int SEEDS = 500;

    private static ReplicaPlay play(long seed, boolean deleting) {
        var segments =
                new Segments(
                        400 + (int) (seed % 5) * 500,
                        60_000,
                        0,
                        1 << 20,
                        100 + (int) (seed % 3) * 300);
        var play = new ReplicaPlay(seed, LogConfig.defaults().withSegment(segments), deleting);
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
}
