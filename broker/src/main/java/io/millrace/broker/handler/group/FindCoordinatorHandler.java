package io.millrace.broker.handler.group;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.jspecify.annotations.Nullable;

/**
 * FindCoordinator: of groups and transactions, one or several at once; makes the topic that keeps
 * them.
 */
public final class FindCoordinatorHandler implements ApiHandler {
    private static final short BATCHED_SINCE = 4;

    private final Topics topics;
    private final int nodeId;

    public FindCoordinatorHandler(Topics topics, int nodeId) {
        this.topics = topics;
        this.nodeId = nodeId;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.FIND_COORDINATOR;
    }

    @Override
    public void handle(Request request) {
        FindCoordinatorRequestData asked = request.body(FindCoordinatorRequest.class).data();
        boolean ofGroups = asked.keyType() == CoordinatorType.GROUP.id();
        if (!ofGroups && asked.keyType() != CoordinatorType.TRANSACTION.id()) {
            request.answer(answer(request, null));
            return;
        }
        MetadataErrors.whenDone(
                ofGroups ? topics.ensureOffsetsTopic() : topics.ensureTransactionsTopic(),
                request,
                outcome -> request.answer(answer(request, self(topics.image()))));
    }

    private @Nullable NodeImage self(ClusterImage image) {
        return image.nodes().get(nodeId);
    }

    private static FindCoordinatorResponse answer(Request request, @Nullable NodeImage node) {
        FindCoordinatorRequestData asked = request.body(FindCoordinatorRequest.class).data();
        var data = new FindCoordinatorResponseData();
        if (request.version() >= BATCHED_SINCE) {
            for (String key : asked.coordinatorKeys()) {
                data.coordinators().add(coordinator(key, node));
            }
        } else {
            Coordinator found = coordinator(asked.key(), node);
            data.setErrorCode(found.errorCode())
                    .setErrorMessage(found.errorMessage())
                    .setNodeId(found.nodeId())
                    .setHost(found.host())
                    .setPort(found.port());
        }
        return new FindCoordinatorResponse(data);
    }

    private static Coordinator coordinator(String key, @Nullable NodeImage node) {
        var coordinator = new Coordinator().setKey(key);
        return node == null
                ? coordinator
                        .setErrorCode(Errors.INVALID_REQUEST.code())
                        .setErrorMessage("only groups and transactions have a coordinator here")
                        .setNodeId(-1)
                        .setHost("")
                        .setPort(-1)
                : coordinator.setNodeId(node.id()).setHost(node.host()).setPort(node.port());
    }
}
