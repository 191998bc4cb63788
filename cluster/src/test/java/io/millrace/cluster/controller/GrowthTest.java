package io.millrace.cluster.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import io.millrace.cluster.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class GrowthTest {
    private static final ConfigResource TOPIC = new ConfigResource(Type.TOPIC, "t");

    private final Nodes nodes = new Nodes();

    private void createSmall(int partitions, int replicas) {
        var configs = new TreeMap<>(Growth.settings(3, 2));
        configs.put(Policy.MIN_IN_SYNC, "1");
        nodes.create("t", partitions, replicas, configs);
    }

    private List<Command> grow() {
        List<Command> due = Growth.due(nodes.image());
        due.forEach(nodes::submit);
        return due;
    }

    private String minimum() {
        return nodes.image().config(TOPIC).getOrDefault(Policy.MIN_IN_SYNC, "");
    }

    @Test
    void aTopicMadeOnOneNodeGrowsAsNodesCome() {
        nodes.join(1);
        createSmall(3, 1);
        assertThat(grow()).isEmpty();

        nodes.join(2);
        assertThat(grow()).hasSize(3);
        assertThat(grow()).as("while replicas are on their way").isEmpty();
        nodes.catchUp("t");
        assertThat(grow()).as("one of two may be lost").isEmpty();

        nodes.join(3);
        assertThat(grow()).hasSize(3);
        assertThat(minimum()).isEqualTo("1");
        nodes.catchUp("t");
        assertThat(grow()).hasSize(1);

        assertThat(nodes.topic("t").partitions())
                .allSatisfy(each -> {
                    assertThat(each.replicas()).containsExactlyInAnyOrder(1, 2, 3);
                    assertThat(each.isReassigned()).isFalse();
                    assertThat(each.inSyncReplicas()).hasSize(3);
                });
        assertThat(nodes.image().config(TOPIC))
                .containsExactly(Map.entry("min.insync.replicas", "2"));
    }

    @Test
    void itsLeadersAreSpread() {
        nodes.join(1);
        createSmall(6, 1);
        nodes.join(2, 3);
        grow();
        nodes.catchUp("t");

        var preferred = new ArrayList<Integer>();
        nodes.topic("t").partitions().forEach(each -> preferred.add(each.replicas().get(0)));
        assertThat(preferred).containsExactlyInAnyOrder(1, 1, 2, 2, 3, 3);
    }

    @Test
    void whoMakesItSmallerAfterwardsHasItStaySo() {
        nodes.join(1);
        createSmall(1, 1);
        nodes.join(2, 3);
        grow();
        nodes.catchUp("t");
        grow();
        nodes.submit(new Command.Reassign("t", 0, Optional.of(List.of(1, 2))));

        assertThat(grow()).isEmpty();
    }

    @Test
    void neitherFencedNodesNorThoseThatAreEmptiedAreGrownOnto() {
        nodes.join(1, 2, 3);
        nodes.fence(2);
        nodes.drain("3");
        createSmall(1, 1);

        assertThat(nodes.topic("t").partitions().getFirst().replicas()).containsExactly(1);
        assertThat(grow()).isEmpty();
        nodes.join(4);
        grow();
        assertThat(nodes.topic("t").partitions().getFirst().replicas())
                .containsExactlyInAnyOrder(1, 4);
    }

    @Test
    void nothingIsHeldUpWhileAReplicaHasNotCaughtUp() {
        nodes.join(1, 2, 3);
        createSmall(2, 3);
        nodes.fence(2);
        nodes.fence(3);

        assertThat(grow()).isEmpty();
        assertThat(minimum()).isEqualTo("1");
    }

    @Test
    void whatNobodyLeadsWaits() {
        nodes.join(1);
        createSmall(1, 1);
        nodes.join(2);
        nodes.fence(1);
        PartitionImage before = nodes.topic("t").partitions().getFirst();

        assertThat(grow()).isEmpty();
        assertThat(nodes.topic("t").partitions().getFirst()).isEqualTo(before);
    }
}
