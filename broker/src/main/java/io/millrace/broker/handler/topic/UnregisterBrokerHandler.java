package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.controller.Command.UnregisterNode;
import io.millrace.cluster.controller.Decision;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.UnregisterBrokerRequest;
import org.apache.kafka.common.requests.UnregisterBrokerResponse;

/**
 * UnregisterBroker: forgets a node for good. Kafka would forget the last one as well, and then
 * serve nothing.
 */
public final class UnregisterBrokerHandler implements ApiHandler {
    private final Topics topics;

    public UnregisterBrokerHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.UNREGISTER_BROKER;
    }

    @Override
    public void handle(Request request) {
        int node = request.body(UnregisterBrokerRequest.class).data().brokerId();
        if (topics.image().nodes().keySet().equals(Set.of(node))) {
            throw new InvalidRequestException("Node %d is the only one".formatted(node));
        }
        MetadataErrors.whenDone(
                topics.metadata().submit(List.of(new UnregisterNode(node))),
                request,
                outcome -> {
                    var data = new UnregisterBrokerResponseData();
                    if (outcome.decisions().getFirst()
                            instanceof Decision.Refused(Decision.Reason reason, String message)) {
                        data.setErrorCode(MetadataErrors.of(reason).code())
                                .setErrorMessage(message);
                    }
                    request.answer(new UnregisterBrokerResponse(data));
                });
    }
}
