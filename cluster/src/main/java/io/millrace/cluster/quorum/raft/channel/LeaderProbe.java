package io.millrace.cluster.quorum.raft.channel;

import io.millrace.cluster.quorum.RefusedConnect;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.raft.NetworkChannel;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.RaftResponse;

/**
 * Passes requests on, and where a fetch finds no connection, finds out whether the machine refuses
 * one, which Kafka's client does not tell. On a thread of its own for as long as that takes.
 */
public final class LeaderProbe extends PassingChannel {
    private static final int CONNECT_MS = 500;

    private final IntConsumer refused;
    private final AtomicBoolean probing = new AtomicBoolean();

    /**
     * @param refused told of the node whose machine refuses connections
     */
    public LeaderProbe(NetworkChannel channel, IntConsumer refused) {
        super(channel);
        this.refused = refused;
    }

    @Override
    public CompletionStage<RaftResponse.Inbound> send(RaftRequest.Outbound request) {
        return super.send(request)
                .thenApply(answer -> {
                    if (hasNoConnection(answer.data()) && probing.compareAndSet(false, true)) {
                        Thread.ofVirtual()
                                .name("quorum-probe")
                                .start(() -> probe(request.destination()));
                    }
                    return answer;
                });
    }

    private static boolean hasNoConnection(ApiMessage answer) {
        return answer instanceof FetchResponseData fetched
                && fetched.errorCode() == Errors.BROKER_NOT_AVAILABLE.code();
    }

    private void probe(Node node) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(node.host(), node.port()), CONNECT_MS);
        } catch (IOException e) {
            // Whoever cannot be reached otherwise may be alive: the fetches' own time decides.
            if (RefusedConnect.isBehind(e)) {
                refused.accept(node.id());
            }
        } finally {
            probing.set(false);
        }
    }
}
