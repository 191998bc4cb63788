package io.millrace.broker.handler.quorum;

import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.cluster.quorum.raft.RaftQuorum;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * The controller that leads, wherever it is. Thread-safe; never blocks.
 *
 * @param quorum this node's part
 * @param controllers the way to the others
 */
public record QuorumLeader(int nodeId, RaftQuorum quorum, ControllerPeers controllers) {
    private static final String LISTENER = "CONTROLLER";
    private static final int UNKNOWN_EPOCH = -1;

    /**
     * Has the leader answer one of Kafka's requests. Fails with a {@link NotControllerException} if
     * none is known, and as {@link ControllerPeers#send} does.
     */
    public CompletableFuture<ApiMessage> ask(ApiKeys api, short version, ApiMessage request) {
        OptionalInt leader = quorum.leaderNow();
        if (leader.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new NotControllerException(leader, UNKNOWN_EPOCH));
        }
        return leader.getAsInt() == nodeId && api != ApiKeys.UPDATE_FEATURES
                ? quorum.handle(LISTENER, version, request)
                : controllers.send(leader.getAsInt(), api, version, request);
    }
}
