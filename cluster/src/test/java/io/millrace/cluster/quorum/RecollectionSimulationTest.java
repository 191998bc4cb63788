package io.millrace.cluster.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.simulation.seed.Seeds;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class RecollectionSimulationTest {
    private static final int EVENTS = 8_000;
    private static final int MANY_SEEDS = 2_000;

    @Test
    @Tag("simulation")
    void nothingCommittedIsLostWhereDisksAre() {
        Seeds.each(
                300,
                seed -> {
                    new VotingWorld(seed, false).play(EVENTS);
                    return EVENTS;
                });
    }

    @Test
    void disksAreLostAndVotesComeBack() {
        int wipes = 0;
        int back = 0;
        int committed = 0;
        for (long seed = 0; seed < 100; seed++) {
            var world = new VotingWorld(seed, false);
            world.play(EVENTS);
            wipes += world.wipes();
            back += world.caughtUp();
            committed += world.committedEnd();
        }

        assertThat(wipes).isGreaterThan(150);
        assertThat(back).isGreaterThan(50);
        assertThat(committed).isGreaterThan(1_000);
    }

    @Test
    void whoVotesAsIfNothingHadHappenedIsFoundOut() {
        boolean found =
                LongStream.range(0, MANY_SEEDS).anyMatch(RecollectionSimulationTest::breaks);

        assertThat(found).isTrue();
    }

    private static boolean breaks(long seed) {
        try {
            new VotingWorld(seed, true).play(EVENTS);
            return false;
        } catch (AssertionError e) {
            return true;
        }
    }
}
