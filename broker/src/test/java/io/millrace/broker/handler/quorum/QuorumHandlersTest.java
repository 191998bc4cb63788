package io.millrace.broker.handler.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.millrace.broker.net.Transport;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three controllers that know each other by the broker's own listeners. */
final class QuorumHandlersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CONTROLLERS = 3;

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
}
