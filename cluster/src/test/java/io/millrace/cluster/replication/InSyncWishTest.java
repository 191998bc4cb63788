package io.millrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.metadata.NodeIds;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who a leader wants in sync: 2 is, but does not fetch; 3 has all, but is not. */
final class InSyncWishTest {
    private static final long LAG_MS = 1_000;
    private static final long LATER_MS = 2_000;

    private final LeaderReplica leader =
            new LeaderReplica(
                    1,
                    new Terms(1, 0, 0, ids(1, 2, 3), ids(1, 2), 1),
                    new LeaderReplica.Start(10, 10, 10),
                    LAG_MS,
                    0);

    InSyncWishTest() {
        leader.fetched(3, 7, 10, LATER_MS);
    }

    private static NodeIds ids(Integer... nodes) {
        return NodeIds.of(List.of(nodes));
    }

    @Test
    void whoLagsLeavesThoughAnotherMayNotJoin() {
        var wish = leader.wish(LATER_MS, (node, nodeEpoch) -> false);

        assertThat(wish).map(InSyncWish::inSync).contains(ids(1));
        leader.changed(new Terms(1, 0, 1, ids(1, 2, 3), ids(1), 1), LATER_MS);
        assertThat(leader.wish(LATER_MS, (node, nodeEpoch) -> false)).isEmpty();
    }

    @Test
    void whoHasAllJoinsInTheRegistrationThatFetched() {
        var wish = leader.wish(LATER_MS, (node, nodeEpoch) -> node == 3 && nodeEpoch == 7);

        assertThat(wish).map(InSyncWish::inSync).contains(ids(1, 3));
    }
}
