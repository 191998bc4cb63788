package io.millrace.broker.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.simulation.CollectionOrder;
import io.millrace.storage.simulation.seed.Seeds;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole clusters by seed: consensus, controller, replication, transactions and disks as they are.
 */
final class ClusterSimulationTest {
    private static final int SEEDS = 6;
    private static final int FRESH_SEEDS = 2;
    private static final long LENGTH_MS = 40_000;
    private static final int SEEDS_OF_A_MISTAKE = 40;

    @BeforeAll
    static void pinOrder() throws ReflectiveOperationException {
        CollectionOrder.pin();
    }

    /** With {@code -Dmillrace.plant}, so is not: {@code scripts/simulate --plant}. */
    @Test
    @Tag("simulation")
    void whatAClusterHasShownOrAcknowledgedIsSoEverywhereForEver() {
        var planted = Mistake.valueOf(System.getProperty("millrace.plant", "NONE"));
        Seeds.eachAndFresh(
                SEEDS, FRESH_SEEDS, seed -> new SimulatedCluster(seed, planted).play(LENGTH_MS));
    }

    /** It waits for the sync, which the simulation has to end then. */
    @Test
    void aLeaderThatIsDeposedWhileItSyncsFollows() {
        assertThat(new SimulatedCluster(100_116, Mistake.NONE).play(LENGTH_MS)).isPositive();
    }

    @Test
    void theSameSeedPlaysTheSameHistory() {
        long first = new SimulatedCluster(1, Mistake.NONE).play(LENGTH_MS);

        assertThat(new SimulatedCluster(1, Mistake.NONE).play(LENGTH_MS)).isEqualTo(first);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aPlantedMistakeIsFound(Mistake mistake) {
        assertThat(seedThatFinds(mistake)).as("a seed that finds it").isNotNegative();
    }

    private static long seedThatFinds(Mistake mistake) {
        for (long seed = 0; seed < SEEDS_OF_A_MISTAKE; seed++) {
            try {
                new SimulatedCluster(seed, mistake).play(LENGTH_MS);
            } catch (AssertionError found) {
                return seed;
            }
        }
        return -1;
    }
}
