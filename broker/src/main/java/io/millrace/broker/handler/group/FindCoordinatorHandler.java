package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.Shards;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.function.Function;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;

/**
 * FindCoordinator: of groups and transactions, one or several at once; makes the topic that keeps
 * them.
 */
public final class FindCoordinatorHandler implements ApiHandler {
    private static final short BATCHED_SINCE = 4;

    private final Topics topics;

    public FindCoordinatorHandler(Topics topics) {
        this.topics = topics;
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
            request.answer(answer(request, key -> unsupported()));
            return;
        }
        String keeper = ofGroups ? Topics.OFFSETS : Topics.TRANSACTIONS;
        MetadataErrors.whenDone(
                ofGroups ? topics.ensureOffsetsTopic() : topics.ensureTransactionsTopic(),
                request,
                outcome ->
                        request.answer(answer(request, key -> find(topics.image(), keeper, key))));
    }

    private static FindCoordinatorResponse answer(
            Request request, Function<String, Coordinator> find) {
        FindCoordinatorRequestData asked = request.body(FindCoordinatorRequest.class).data();
        var data = new FindCoordinatorResponseData();
        if (request.version() >= BATCHED_SINCE) {
            for (String key : asked.coordinatorKeys()) {
                data.coordinators().add(find.apply(key).setKey(key));
            }
        } else {
            Coordinator found = find.apply(asked.key());
            data.setErrorCode(found.errorCode())
                    .setErrorMessage(found.errorMessage())
                    .setNodeId(found.nodeId())
                    .setHost(found.host())
                    .setPort(found.port());
        }
        return new FindCoordinatorResponse(data);
    }

    /** The broker that leads the partition which keeps a key. */
    private static Coordinator find(ClusterImage image, String keeper, String key) {
        TopicImage topic = image.topic(keeper);
        if (topic == null) {
            return unavailable(keeper + " is not there");
        }
        int shard = Shards.shardOf(key, topic.partitions().size());
        NodeImage leader = image.nodes().get(topic.partitions().get(shard).leader());
        return leader == null
                ? unavailable("nobody leads %s-%d".formatted(keeper, shard))
                : new Coordinator()
                        .setNodeId(leader.id())
                        .setHost(leader.host())
                        .setPort(leader.port());
    }

    private static Coordinator unavailable(String why) {
        return nobody(Errors.COORDINATOR_NOT_AVAILABLE, why);
    }

    private static Coordinator unsupported() {
        return nobody(
                Errors.INVALID_REQUEST, "only groups and transactions have a coordinator here");
    }

    private static Coordinator nobody(Errors error, String why) {
        return new Coordinator()
                .setErrorCode(error.code())
                .setErrorMessage(why)
                .setNodeId(-1)
                .setHost("")
                .setPort(-1);
    }
}
