package io.millrace.cluster.quorum.raft;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchSnapshotRequestData;
import org.apache.kafka.common.message.VoteRequestData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.raft.NetworkChannel;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.RaftResponse;
import org.apache.kafka.raft.RaftUtil;

/**
 * Stands between a voter and the others. As long as it is shut this voter asks nobody for a vote,
 * gives none, and fetches as somebody who is no voter, so that nothing counts as committed for its
 * sake. Thread-safe.
 */
final class VoteGate implements NetworkChannel {
    private static final int NOBODY = -1;

    private final NetworkChannel channel;
    private volatile boolean open;

    VoteGate(NetworkChannel channel, boolean open) {
        this.channel = channel;
        this.open = open;
    }

    void open() {
        open = true;
    }

    boolean isOpen() {
        return open;
    }

    /** Whether a request of another voter is to be answered. */
    boolean lets(ApiMessage request) {
        return open || !(request instanceof VoteRequestData);
    }

    /** What is answered to a request that is not let through: try another time. */
    static ApiMessage refusal(ApiMessage request) {
        return RaftUtil.errorResponse(ApiKeys.forId(request.apiKey()), Errors.BROKER_NOT_AVAILABLE);
    }

    @Override
    public CompletionStage<RaftResponse.Inbound> send(RaftRequest.Outbound request) {
        if (open) {
            return channel.send(request);
        }
        return switch (request.data()) {
            case FetchRequestData fetch -> {
                fetch.replicaState().setReplicaId(NOBODY);
                yield channel.send(request);
            }
            case FetchSnapshotRequestData fetch -> {
                fetch.setReplicaId(NOBODY);
                yield channel.send(request);
            }
            default ->
                    CompletableFuture.completedFuture(
                            new RaftResponse.Inbound(
                                    request.correlationId(),
                                    refusal(request.data()),
                                    request.destination()));
        };
    }

    @Override
    public int newCorrelationId() {
        return channel.newCorrelationId();
    }

    @Override
    public ListenerName listenerName() {
        return channel.listenerName();
    }

    @Override
    public void close() {
        Utils.closeQuietly(channel, "connections");
    }
}
