package io.millrace.cluster.quorum;

import static io.millrace.cluster.quorum.TestQuorum.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cluster.quorum.raft.QuorumSettings.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.AddRaftVoterRequestData.Listener;
import org.apache.kafka.common.message.AddRaftVoterRequestData.ListenerCollection;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Voters that come and go (KIP-853). */
final class ChangingVotersTest {
    @TempDir Path folder = Path.of("unset");
    private @Nullable TestQuorum started;

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    private TestQuorum quorum(int voters) throws IOException {
        var quorum = new TestQuorum(folder, voters, Timing.defaults());
        started = quorum;
        return quorum;
    }

    private static Uuid directoryOf(int node) {
        var id = new UUID(1, node);
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private static Errors add(TestQuorum quorum, int node) {
        var listeners = new ListenerCollection();
        listeners.add(
                new Listener()
                        .setName(ControllerListener.NAME)
                        .setHost("127.0.0.1")
                        .setPort(quorum.addressOf(node).getPort()));
        var answer =
                quorum.leader()
                        .ask(
                                ApiKeys.ADD_RAFT_VOTER,
                                new AddRaftVoterRequestData()
                                        .setClusterId("a-cluster")
                                        .setTimeoutMs(5000)
                                        .setVoterId(node)
                                        .setVoterDirectoryId(directoryOf(node))
                                        .setListeners(listeners));
        return Errors.forCode(((AddRaftVoterResponseData) answer).errorCode());
    }

    private static Errors remove(TestQuorum quorum, int node) {
        var answer =
                quorum.leader()
                        .ask(
                                ApiKeys.REMOVE_RAFT_VOTER,
                                new RemoveRaftVoterRequestData()
                                        .setClusterId("a-cluster")
                                        .setVoterId(node)
                                        .setVoterDirectoryId(directoryOf(node)));
        return Errors.forCode(((RemoveRaftVoterResponseData) answer).errorCode());
    }

    private static List<Integer> voters(TestQuorum quorum) {
        return quorum.leader().describe().voters().stream()
                .map(QuorumDescription.Replica::nodeId)
                .sorted()
                .toList();
    }

    private static void awaitVoters(TestQuorum quorum, Integer... nodes) {
        patiently().untilAsserted(() -> assertThat(voters(quorum)).containsExactly(nodes));
    }

    /** Once the voters have told the leader who they are. */
    private static void raise(TestQuorum quorum) {
        patiently()
                .until(() -> {
                    var upgrade = quorum.leader().upgrade(1);
                    patiently().until(upgrade::isDone);
                    return !upgrade.isCompletedExceptionally();
                });
        patiently().until(() -> quorum.nodes().stream().allMatch(node -> node.version() == 1));
    }

    @Test
    void votersOfTheConfigurationComeToChangeOnceTheVersionIsRaised() throws IOException {
        TestQuorum quorum = quorum(3);
        quorum.commit(0);
        quorum.startLearner(4, false);
        patiently().until(() -> quorum.leader().describe().observers().size() == 1);

        assertThat(add(quorum, 4)).isEqualTo(Errors.UNSUPPORTED_VERSION);
        raise(quorum);
        patiently().until(() -> add(quorum, 4) != Errors.REQUEST_TIMED_OUT);

        awaitVoters(quorum, 1, 2, 3, 4);
        patiently()
                .untilAsserted(() ->
                        assertThat(quorum.follower().addressOf(4)).hasValue(quorum.addressOf(4)));
        quorum.commit(1);
        patiently()
                .untilAsserted(() ->
                        assertThat(quorum.nodes())
                                .allSatisfy(node -> assertThat(node.told).containsExactly(0L, 1L)));
    }

    @Test
    void theLeaderMayBeTakenItsVote() throws IOException {
        TestQuorum quorum = quorum(3);
        raise(quorum);
        TestNode first = quorum.leader();

        patiently().until(() -> remove(quorum, first.id()) != Errors.REQUEST_TIMED_OUT);

        patiently().until(() -> !first.leads && quorum.leader() != first);
        assertThat(voters(quorum)).hasSize(2).doesNotContain(first.id());
        quorum.commit(1);
        patiently().untilAsserted(() -> assertThat(first.told).containsExactly(1L));
    }

    @Test
    void aNodeThatKnowsOfNoOtherBeginsTheQuorumAndOthersJoinIt() throws IOException {
        TestQuorum quorum = quorum(0);
        TestNode first = quorum.startLearner(1, false);
        quorum.commit(0);
        assertThat(voters(quorum)).containsExactly(1);
        assertThat(first.version()).isEqualTo((short) 1);

        quorum.startLearner(2, true);
        awaitVoters(quorum, 1, 2);
        quorum.commit(1);

        quorum.stop(first);
        TestNode again = quorum.startLearner(1, false);
        quorum.commit(2);
        assertThat(voters(quorum)).containsExactly(1, 2);
        patiently().untilAsserted(() -> assertThat(again.told).containsExactly(0L, 1L, 2L));
    }

    @Test
    void onlyTheLeaderRaisesTheVersionAndNotBeyondWhatIsKnown() throws IOException {
        TestQuorum quorum = quorum(3);
        patiently()
                .until(() ->
                        quorum.follower().leader().equals(OptionalInt.of(quorum.leader().id())));

        assertThatThrownBy(() -> quorum.follower().upgrade(1).join())
                .hasCauseInstanceOf(NotControllerException.class);
        assertThatThrownBy(() -> quorum.leader().upgrade(7).join())
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }
}
