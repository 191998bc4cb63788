package io.millrace.bench.torture.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The plan of what strikes a cluster. */
final class TorturePlanTest {
    private static final Set<NodeFault> ALL = EnumSet.allOf(NodeFault.class);
    private static final int KINDS = NodeFault.values().length;

    private static List<Strike> plan(Set<NodeFault> faults, long seed, int strikes) {
        var plan = new TorturePlan(faults, 3, seed);
        return Stream.generate(plan::next).limit(strikes).toList();
    }

    @Test
    void aSeedGivesTheSamePlanAgain() {
        assertThat(plan(ALL, 7, 50)).isEqualTo(plan(ALL, 7, 50)).isNotEqualTo(plan(ALL, 8, 50));
    }

    @Test
    void everyFaultComesOnceATurn() {
        for (int seed = 0; seed < 200; seed++) {
            List<Strike> plan = plan(ALL, seed, 3 * KINDS);

            for (int turn = 0; turn < 3; turn++) {
                assertThat(
                                plan.subList(turn * KINDS, (turn + 1) * KINDS).stream()
                                        .map(Strike::fault)
                                        .collect(Collectors.toSet()))
                        .as("seed %d", seed)
                        .isEqualTo(ALL);
            }
        }
    }

    @Test
    void everyNodeAndEveryWayComesInTime() {
        List<Strike> plan = plan(ALL, 1, 100 * KINDS);

        assertThat(plan.stream().map(Strike::node)).containsOnly(1, 2, 3);
        assertThat(plan.stream().map(Strike::way).collect(Collectors.toSet()))
                .isEqualTo(EnumSet.allOf(NodeFault.Way.class));
    }

    @Test
    void nothingDestroysDataBeforeAllIsInSyncNorStrikesBeforeItIsThereAgain() {
        for (int seed = 0; seed < 200; seed++) {
            boolean destroyed = false;
            for (Strike strike : plan(ALL, seed, 3 * KINDS)) {
                if (destroyed || strike.fault().destroysData()) {
                    assertThat(strike.waitsForSync()).as("seed %d: %s", seed, strike).isTrue();
                }
                destroyed = strike.fault().destroysData();
            }
        }
    }

    @Test
    void someFaultsStrikeAClusterThatStillMissesSomething() {
        assertThat(plan(ALL, 1, 100)).anyMatch(strike -> !strike.waitsForSync());
    }

    @Test
    void whomANodeIsCutFromIsAnother() {
        for (Strike strike : plan(EnumSet.of(NodeFault.CUT), 3, 500)) {
            assertThat(strike.other(3)).isBetween(1, 3).isNotEqualTo(strike.node());
        }
    }

    @Test
    void aPlanNeedsFaults() {
        assertThatThrownBy(() -> new TorturePlan(Set.of(), 3, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
