package io.millrace.bench.lab.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.lab.fault.FaultPlan.Event;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The plan of what breaks when. */
final class FaultPlanTest {
    private static final Set<Fault> ALL = EnumSet.allOf(Fault.class);

    @Test
    void aSeedGivesTheSamePlanAgain() {
        assertThat(FaultPlan.of(ALL, new Random(7), 60_000))
                .isEqualTo(FaultPlan.of(ALL, new Random(7), 60_000))
                .isNotEqualTo(FaultPlan.of(ALL, new Random(8), 60_000));
    }

    @Test
    void everyFaultComesInAMinuteForAnySeed() {
        for (int seed = 0; seed < 500; seed++) {
            List<Event> events = FaultPlan.of(ALL, new Random(seed), 60_000);

            assertThat(events.stream().map(Event::fault).collect(Collectors.toSet()))
                    .as("seed %d", seed)
                    .isEqualTo(ALL);
        }
    }

    @Test
    void faultsDoNotOverlapAndEndInTime() {
        for (int seed = 0; seed < 500; seed++) {
            long lastMs = 0;
            for (Event event : FaultPlan.of(ALL, new Random(seed), 60_000)) {
                assertThat(event.atMs()).as("seed %d", seed).isGreaterThan(lastMs);
                lastMs = event.atMs() + event.forMs();
            }
            assertThat(lastMs).as("seed %d", seed).isLessThanOrEqualTo(60_000);
        }
    }

    @Test
    void withoutFaultsThereIsNoPlan() {
        assertThat(FaultPlan.of(Set.of(), new Random(1), 60_000)).isEmpty();
    }
}
