package io.millrace.cluster.quorum.raft.channel;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchSnapshotRequestData;
import org.apache.kafka.common.message.VoteRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.raft.NetworkChannel;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.RaftResponse;
import org.apache.kafka.raft.RaftUtil;

/**
 * Stands between a voter and the others. As long as it is shut this voter asks nobody for a vote,
 * gives none, and fetches as somebody who is no voter, so that nothing counts as committed for its
 * sake. Thread-safe.
 */
public final class VoteGate extends PassingChannel {
    private static final int NOBODY = -1;

    private volatile boolean open;

    /**
     * @param open whether it lets everything through from the beginning
     */
    public VoteGate(NetworkChannel channel, boolean open) {
        super(channel);
        this.open = open;
    }

    /** Lets everything through from now on. */
    public void open() {
        open = true;
    }

    /** Whether it lets everything through. */
    public boolean isOpen() {
        return open;
    }

    /** Whether a request of another voter is to be answered. */
    public boolean lets(ApiMessage request) {
        return open || !(request instanceof VoteRequestData);
    }

    /** What is answered to a request that is not let through: try another time. */
    public static ApiMessage refusal(ApiMessage request) {
        return RaftUtil.errorResponse(ApiKeys.forId(request.apiKey()), Errors.BROKER_NOT_AVAILABLE);
    }

    @Override
    public CompletionStage<RaftResponse.Inbound> send(RaftRequest.Outbound request) {
        if (open) {
            return super.send(request);
        }
        return switch (request.data()) {
            case FetchRequestData fetch -> {
                fetch.replicaState().setReplicaId(NOBODY);
                yield super.send(request);
            }
            case FetchSnapshotRequestData fetch -> {
                fetch.setReplicaId(NOBODY);
                yield super.send(request);
            }
            default ->
                    CompletableFuture.completedFuture(
                            new RaftResponse.Inbound(
                                    request.correlationId(),
                                    refusal(request.data()),
                                    request.destination()));
        };
    }
}
