package io.millrace.client.cli.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.cli.text.CliException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class DrainPlanTest {
    private static Map<TopicPartition, List<Integer>> partitions(List<List<Integer>> replicas) {
        var partitions = new LinkedHashMap<TopicPartition, List<Integer>>();
        for (int i = 0; i < replicas.size(); i++) {
            partitions.put(new TopicPartition("t", i), replicas.get(i));
        }
        return partitions;
    }

    private static List<List<Integer>> drained(
            int node, Map<Integer, String> racks, List<List<Integer>> replicas, boolean shrinks) {
        var partitions = partitions(replicas);
        return List.copyOf(
                new DrainPlan(node, racks, replicas).moves(partitions, shrinks).values());
    }

    @Test
    void replicasGoToWhoHasFewest() {
        var racks = Map.of(1, "", 2, "", 3, "", 4, "");

        assertThat(
                        drained(
                                1,
                                racks,
                                List.of(List.of(2, 1), List.of(3, 1), List.of(2, 3), List.of(2, 1)),
                                false))
                .containsExactly(List.of(2, 4), List.of(3, 4), List.of(2, 3));
    }

    @Test
    void leadershipsAreSpread() {
        var racks = Map.of(1, "", 2, "", 3, "", 4, "");

        assertThat(drained(1, racks, List.of(List.of(1, 2), List.of(1, 2), List.of(2, 3)), false))
                .containsExactly(List.of(4, 2), List.of(3, 2));
    }

    @Test
    void replicasStayInRacksOfTheirOwn() {
        var racks = Map.of(1, "a", 2, "b", 3, "b", 4, "a");

        assertThat(drained(1, racks, List.of(List.of(2, 1), List.of(4, 2)), false))
                .containsExactly(List.of(2, 4));
    }

    @Test
    void whereNoNodeIsLeftThePartitionShrinksOrTheDrainIsRefused() {
        var racks = Map.of(1, "", 2, "");

        assertThat(drained(1, racks, List.of(List.of(1, 2)), true)).containsExactly(List.of(2));
        assertThatThrownBy(() -> drained(1, racks, List.of(List.of(1, 2)), false))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("--shrink");
        assertThatThrownBy(() -> drained(1, Map.of(1, ""), List.of(List.of(1)), true))
                .isInstanceOf(CliException.class);
    }
}
