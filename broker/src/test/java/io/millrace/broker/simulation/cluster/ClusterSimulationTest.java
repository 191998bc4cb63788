package io.millrace.broker.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.simulation.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole clusters by seed: consensus, controller, replication, transactions and disks as they are.
 */
final class ClusterSimulationTest {
    private static final int SEEDS = 8;
    private static final long LENGTH_MS = 40_000;
    private static final int SEEDS_OF_A_MISTAKE = 60;

    @Test
    @Tag("simulation")
    void whatAClusterHasShownOrAcknowledgedIsSoEverywhereForEver() {
        Seeds.each(SEEDS, seed -> new SimulatedCluster(seed, Mistake.NONE).play(LENGTH_MS));
    }

    @Test
    void theSameSeedPlaysTheSameHistory() {
        long first = new SimulatedCluster(1, Mistake.NONE).play(LENGTH_MS);

        assertThat(new SimulatedCluster(1, Mistake.NONE).play(LENGTH_MS)).isEqualTo(first);
    }

    /** A vote that is not synced stops nodes, and has done no harm in 60 seeds: not asserted. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "VOTE_NOT_SYNCED"})
    void aPlantedMistakeIsFound(Mistake mistake) {
        assertThat(seedThatFinds(mistake)).as("a seed that finds it").isNotNegative();
    }

    private static long seedThatFinds(Mistake mistake) {
        for (long seed = 0; seed < SEEDS_OF_A_MISTAKE; seed++) {
            try {
                new SimulatedCluster(seed, mistake).play(LENGTH_MS);
            } catch (AssertionError | RuntimeException found) {
                return seed;
            }
        }
        return -1;
    }
}
