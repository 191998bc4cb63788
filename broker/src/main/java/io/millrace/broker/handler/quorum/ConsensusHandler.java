package io.millrace.broker.handler.quorum;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.quorum.raft.RaftQuorum;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractResponse;

/**
 * Passes the requests of one API on to the quorum. Where it takes part no more the connection is
 * closed, as that of a node that has stopped would be.
 *
 * @param toResponse wraps the answer's data
 */
record ConsensusHandler(
        ApiKeys api, RaftQuorum quorum, Function<ApiMessage, AbstractResponse> toResponse)
        implements ApiHandler {
    /** What the quorum calls the listener, whatever it is called in the configuration. */
    private static final String LISTENER = "CONTROLLER";

    @Override
    public void handle(Request request) {
        var _ =
                quorum.handle(LISTENER, request.version(), request.body().data())
                        .thenApply(toResponse)
                        .whenComplete((answer, failure) -> {
                            if (failure == null) {
                                request.answer(answer);
                            } else {
                                request.closeConnection(String.valueOf(failure.getMessage()));
                            }
                        });
    }
}
