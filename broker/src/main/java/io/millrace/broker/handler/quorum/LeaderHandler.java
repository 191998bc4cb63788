package io.millrace.broker.handler.quorum;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AddRaftVoterResponse;
import org.apache.kafka.common.requests.DescribeQuorumResponse;
import org.apache.kafka.common.requests.RemoveRaftVoterResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request about the quorum on the clients' listener: answered by the controller that leads, here
 * or elsewhere.
 */
public final class LeaderHandler implements ApiHandler {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderHandler.class);

    private final ApiKeys api;
    private final QuorumLeader leader;
    private final Function<ApiMessage, AbstractResponse> toResponse;

    private LeaderHandler(
            ApiKeys api, QuorumLeader leader, Function<ApiMessage, AbstractResponse> toResponse) {
        this.api = api;
        this.leader = leader;
        this.toResponse = toResponse;
    }

    /** DescribeQuorum (KIP-595), AddRaftVoter and RemoveRaftVoter (KIP-853). */
    public static List<ApiHandler> all(QuorumLeader leader) {
        return List.of(
                new LeaderHandler(
                        ApiKeys.DESCRIBE_QUORUM,
                        leader,
                        answer -> new DescribeQuorumResponse((DescribeQuorumResponseData) answer)),
                new LeaderHandler(
                        ApiKeys.ADD_RAFT_VOTER,
                        leader,
                        answer -> new AddRaftVoterResponse((AddRaftVoterResponseData) answer)),
                new LeaderHandler(
                        ApiKeys.REMOVE_RAFT_VOTER,
                        leader,
                        answer ->
                                new RemoveRaftVoterResponse((RemoveRaftVoterResponseData) answer)));
    }

    @Override
    public ApiKeys api() {
        return api;
    }

    @Override
    public void handle(Request request) {
        var _ =
                leader.ask(api, request.version(), request.body().data())
                        .thenApply(toResponse)
                        .exceptionally(failure -> {
                            LOG.warn("{} was not answered: {}", api, failure.getMessage());
                            return request.body()
                                    .getErrorResponse(Errors.REQUEST_TIMED_OUT.exception());
                        })
                        .thenAccept(request::answer);
    }
}
