package io.millrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.simulation.seed.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole clusters by seed: the leader, the followers and the controller as they are in production.
 */
final class ReplicationSimulationTest {
    private static final int SEEDS = 150;
    private static final int EVENTS = 6_000;
    private static final int SEEDS_OF_A_MISTAKE = 5_000;

    @Test
    @Tag("simulation")
    void nothingThatWasShownOrAcknowledgedIsLost() {
        Seeds.each(SEEDS, seed -> new SimulatedCluster(seed, Mistake.NONE).play(EVENTS));
    }

    /** Its seed: one of some thousand parts the logs at the very offset that is asked for again. */
    @Test
    void anAnswerThatComesLateIsFoundToBeDangerous() {
        assertThat(seedThatFinds(Mistake.LATE_ANSWER_TAKEN, 4_100)).isNotNegative();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "LATE_ANSWER_TAKEN"})
    void aPlantedMistakeIsFound(Mistake mistake) {
        assertThat(seedThatFinds(mistake, 0)).as("a seed that finds it").isNotNegative();
    }

    private static long seedThatFinds(Mistake mistake, long first) {
        for (long seed = first; seed < first + SEEDS_OF_A_MISTAKE; seed++) {
            try {
                new SimulatedCluster(seed, mistake).play(EVENTS);
            } catch (AssertionError | IndexOutOfBoundsException found) {
                return seed;
            }
        }
        return -1;
    }
}
