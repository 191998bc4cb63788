package io.millrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.metadata.NodeIds;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which follower a consumer is sent to. */
final class ReadReplicaTest {
    private static final ReadReplica BEHIND = new ReadReplica(2, 5, 900);
    private static final ReadReplica AHEAD = new ReadReplica(3, 9, 100);
    private static final ReadReplica AHEAD_AND_LATER = new ReadReplica(4, 9, 200);

    @Test
    void theNearOneThatIsFurthestIsRead() {
        var all = List.of(BEHIND, AHEAD, AHEAD_AND_LATER);

        assertThat(ReadReplica.nearest(all, 1, node -> node > 1)).contains(AHEAD_AND_LATER);
        assertThat(ReadReplica.nearest(all, 1, node -> node == 2)).contains(BEHIND);
    }

    @Test
    void theLeaderIsReadIfItIsNearOrNobodyIs() {
        var all = List.of(BEHIND, AHEAD);

        assertThat(ReadReplica.nearest(all, 1, node -> node <= 2)).isEqualTo(Optional.empty());
        assertThat(ReadReplica.nearest(all, 1, node -> false)).isEqualTo(Optional.empty());
    }

    @Test
    void onlyWhoIsInSyncAndHasTheOffsetIsReadable() {
        var terms = new Terms(1, 0, 0, ids(1, 2, 3, 4, 5), ids(1, 2, 3, 4), 1);
        var leader = new LeaderReplica(1, terms, new LeaderReplica.Start(10, 10, 10), 1_000, 0);
        leader.fetched(2, -1, 10, 7);
        leader.fetched(3, -1, 6, 7);
        leader.fetched(4, -1, 10, 7);
        leader.fetched(5, -1, 10, 7);
        leader.startsAt(4, 9);

        assertThat(leader.readable(8)).containsExactly(new ReadReplica(2, 10, 7));
        assertThat(leader.readable(9))
                .containsExactly(new ReadReplica(2, 10, 7), new ReadReplica(4, 10, 7));
    }

    private static NodeIds ids(Integer... nodes) {
        return NodeIds.of(List.of(nodes));
    }
}
