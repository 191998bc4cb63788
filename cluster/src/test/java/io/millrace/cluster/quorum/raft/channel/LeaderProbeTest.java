package io.millrace.cluster.quorum.raft.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.raft.NetworkChannel;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.RaftResponse;
import org.apache.kafka.raft.RaftUtil;
import org.junit.jupiter.api.Test;

final class LeaderProbeTest {
    private static final int LEADER = 7;

    private final CompletableFuture<Integer> refused = new CompletableFuture<>();

    @Test
    void aMachineThatRefusesConnectionsSaysThatTheLeaderIsGone() throws IOException {
        int port;
        try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }

        fetch(port, Errors.BROKER_NOT_AVAILABLE);

        assertThat(refused).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(LEADER);
    }

    @Test
    void aLeaderThatListensIsNotGone() throws IOException {
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fetch(listening.getLocalPort(), Errors.BROKER_NOT_AVAILABLE);

            try (var probe = listening.accept()) {
                assertThat(probe.getInputStream().read()).isNegative();
            }
            assertThat(refused).isNotDone();
        }
    }

    /** A fetch that is answered so, by a node that is reached at a port. */
    private void fetch(int port, Errors answer) {
        var leader = new Node(LEADER, "127.0.0.1", port);
        var _ =
                new LeaderProbe(new Answering(answer), refused::complete)
                        .send(new RaftRequest.Outbound(1, new FetchRequestData(), leader, 0))
                        .toCompletableFuture()
                        .join();
    }

    private record Answering(Errors error) implements NetworkChannel {
        @Override
        public CompletionStage<RaftResponse.Inbound> send(RaftRequest.Outbound request) {
            return CompletableFuture.completedFuture(
                    new RaftResponse.Inbound(
                            request.correlationId(),
                            RaftUtil.errorResponse(ApiKeys.FETCH, error),
                            request.destination()));
        }

        @Override
        public int newCorrelationId() {
            return 1;
        }

        @Override
        public ListenerName listenerName() {
            return new ListenerName("CONTROLLER");
        }

        @Override
        public void close() {}
    }
}
