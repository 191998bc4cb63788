package io.millrace.cluster.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class PlacementTest {
    private final Nodes nodes = new Nodes();

    @Test
    void aNodeThatIsEmptiedGetsNoNewReplicasWhileThereAreOthers() {
        nodes.join(1, 2, 3, 4);
        nodes.drain("2");
        nodes.create("t", 6, 3, Map.of());

        assertThat(nodes.topic("t").partitions())
                .allSatisfy(each -> assertThat(each.replicas()).containsOnly(1, 3, 4));
    }

    @Test
    void itGetsSomeWhereTheOthersDoNotSufficeButLeadsNothing() {
        nodes.join(1, 2, 3);
        nodes.drain("1,3");
        nodes.create("t", 3, 2, Map.of());

        assertThat(nodes.topic("t").partitions())
                .allSatisfy(each -> assertThat(each.replicas()).startsWith(2).hasSize(2));
    }

    @Test
    void itGoesBeforeAFencedOne() {
        nodes.join(1, "a");
        nodes.join(2, "a");
        nodes.join(3, "b");
        nodes.fence(3);
        nodes.drain("2");
        nodes.create("t", 2, 2, Map.of());

        assertThat(nodes.topic("t").partitions())
                .allSatisfy(each -> assertThat(each.replicas()).containsExactly(1, 2));
    }

    @Test
    void whoIsForgottenIsNotEmptiedAnyMore() {
        nodes.join(1, 2, 3);
        nodes.drain("2,3");
        nodes.submit(new Command.UnregisterNode(3));
        assertThat(DrainedNodes.of(nodes.image())).containsExactly("2");
        nodes.submit(new Command.UnregisterNode(2));

        assertThat(nodes.image().config(DrainedNodes.RESOURCE)).isEmpty();
        nodes.join(2);
        nodes.create("t", 1, 2, Map.of());
        assertThat(nodes.topic("t").partitions().getFirst().replicas())
                .containsExactlyInAnyOrder(1, 2);
    }
}
