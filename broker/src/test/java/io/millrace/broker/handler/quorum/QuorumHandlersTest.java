package io.millrace.broker.handler.quorum;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.net.Transport;
import io.millrace.broker.wire.Client;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.quorum.NotControllerException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeQuorumRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three controllers that know each other by the broker's own listeners. */
final class QuorumHandlersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CONTROLLERS = 3;
    private static final List<ApiKeys> OF_THE_QUORUM =
            List.of(
                    ApiKeys.VOTE,
                    ApiKeys.BEGIN_QUORUM_EPOCH,
                    ApiKeys.END_QUORUM_EPOCH,
                    ApiKeys.FETCH,
                    ApiKeys.FETCH_SNAPSHOT,
                    ApiKeys.DESCRIBE_QUORUM,
                    ApiKeys.ADD_RAFT_VOTER,
                    ApiKeys.REMOVE_RAFT_VOTER,
                    ApiKeys.UPDATE_RAFT_VOTER,
                    ApiKeys.DESCRIBE_CLUSTER);

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(2, Transport.best().ioHandlers());
    private final List<ControllerNode> nodes = new ArrayList<>();
    private final Map<Integer, InetSocketAddress> voters = new TreeMap<>();

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        for (int id = 1; id <= CONTROLLERS; id++) {
            var node = new ControllerNode(id, loops);
            nodes.add(node);
            voters.put(id, node.address());
        }
        nodes.forEach(node -> node.serve(folder.resolve("node-" + node.id()), voters));
        nodes.forEach(ControllerNode::start);
    }

    @AfterEach
    void stop() {
        nodes.forEach(ControllerNode::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private ControllerNode leader() {
        return await().atMost(PATIENCE)
                .until(
                        () ->
                                nodes.stream()
                                        .filter(node -> node.leads)
                                        .findFirst()
                                        .orElse(nodes.getFirst()),
                        node -> node.leads);
    }

    private ControllerNode follower() {
        ControllerNode leader = leader();
        return nodes.stream().filter(node -> node.id() != leader.id()).findFirst().orElseThrow();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    @Test
    void theyElectALeaderAndCommit() {
        ControllerNode leader = leader();
        List<Long> numbers = LongStream.range(0, 50).boxed().toList();

        numbers.forEach(number -> leader.propose(number).join());

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(nodes)
                                .allSatisfy(node -> assertThat(node.told).isEqualTo(numbers)));
    }

    @Test
    void anotherLeadsOnceTheLeaderHasStopped() {
        ControllerNode first = leader();
        first.propose(1).join();

        nodes.remove(first);
        first.close();
        leader().propose(2).join();

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(nodes)
                                .allSatisfy(node -> assertThat(node.told).containsExactly(1L, 2L)));
    }

    @Test
    void aNodePassesOnToTheLeaderWhatIsItsToDecide() {
        ControllerNode leader = leader();
        ControllerPeers peers = follower().others(voters);

        CompletableFuture<ByteString> answer = peers.ask(leader.id(), bytes("a command"));
        CompletableFuture<ByteString> large = peers.ask(leader.id(), bytes("x".repeat(1 << 20)));

        assertThat(answer.join()).isEqualTo(bytes(leader.id() + " heard a command"));
        assertThat(large.join().size()).isGreaterThan(1 << 20);
    }

    @Test
    void whoDoesNotLeadOrFailsSaysSo() {
        ControllerPeers peers = leader().others(voters);

        assertThatThrownBy(() -> peers.ask(follower().id(), bytes("a command")).join())
                .hasCauseInstanceOf(NotControllerException.class);
        assertThatThrownBy(() -> peers.ask(leader().id(), ByteString.EMPTY).join())
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("UNKNOWN_SERVER_ERROR");
        assertThatThrownBy(() -> peers.ask(7, bytes("a command")).join())
                .hasMessageContaining("node 7 is no controller");
    }

    @Test
    void kafkasAdminClientDescribesTheQuorumByAnyController() throws Exception {
        int leader = leader().id();
        InetSocketAddress any = follower().address();

        try (Admin admin =
                Admin.create(
                        Map.of(
                                "bootstrap.controllers",
                                any.getHostString() + ":" + any.getPort()))) {
            var quorum = admin.describeMetadataQuorum().quorumInfo().get(20, TimeUnit.SECONDS);
            assertThat(quorum.leaderId()).isEqualTo(leader);
            assertThat(quorum.voters()).hasSize(CONTROLLERS);
            assertThat(admin.describeCluster().clusterId().get(20, TimeUnit.SECONDS))
                    .isEqualTo(ControllerNode.CLUSTER);
        }
    }

    private DescribeQuorumResponseData describe(ControllerNode at, String topic) {
        ApiHandler handler = at.describing(voters);
        short version = handler.newestVersion();
        var body = DescribeQuorumRequest.singletonRequest(new TopicPartition(topic, 0));
        var answered = new CompletableFuture<Request>();
        handler.handle(
                new Request(
                        new RequestHeader(handler.api(), version, "test", 1),
                        new DescribeQuorumRequest.Builder(body).build(version),
                        new Client("/", "test", 1),
                        answered::complete,
                        0,
                        null));
        return (DescribeQuorumResponseData) requireNonNull(answered.join().response()).data();
    }

    @Test
    void everyNodeTellsClientsWhatTheLeaderKnows() {
        ControllerNode leader = leader();
        leader.propose(1).join();

        for (ControllerNode node : List.of(leader, follower())) {
            DescribeQuorumResponseData told = describe(node, "__cluster_metadata");
            var partition = told.topics().getFirst().partitions().getFirst();
            assertThat(partition.errorCode()).isZero();
            assertThat(partition.leaderId()).isEqualTo(leader.id());
            assertThat(partition.currentVoters()).hasSize(CONTROLLERS);
            assertThat(partition.highWatermark()).isPositive();
            assertThat(told.nodes().valuesSet()).hasSize(CONTROLLERS);
        }
        assertThat(describe(leader, "t").topics().getFirst().partitions().getFirst().errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    }

    @Test
    void requestsThatMakeNoSenseDoTheQuorumNoHarm() {
        ControllerPeers peers = follower().others(voters);
        int answers = 0;

        for (ApiKeys api : OF_THE_QUORUM) {
            for (short version = api.oldestVersion(); version <= api.latestVersion(); version++) {
                ApiMessage empty = api.messageType.newRequest();
                for (ControllerNode node : nodes) {
                    var answer =
                            peers.send(node.id(), api, version, empty)
                                    .orTimeout(1, TimeUnit.SECONDS);
                    await().until(answer::isDone);
                    answers += answer.isCompletedExceptionally() ? 0 : 1;
                }
            }
        }

        assertThat(answers).isGreaterThan(OF_THE_QUORUM.size() * CONTROLLERS);
        // The leader may have changed, and may again where the machine is slow.
        await().atMost(PATIENCE).until(() -> commits(1));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(nodes)
                                .allSatisfy(node -> assertThat(node.told).containsOnly(1L)));
    }

    private boolean commits(long number) {
        try {
            leader().propose(number).join();
            return true;
        } catch (CompletionException e) {
            return false;
        }
    }
}
