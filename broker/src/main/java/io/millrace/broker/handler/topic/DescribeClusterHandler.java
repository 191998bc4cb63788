package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.AuthorizedOperations;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.metadata.ClusterImage;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;

/** DescribeCluster: the cluster's id and its brokers (KIP-700). */
public final class DescribeClusterHandler implements ApiHandler {
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final Topics topics;
    private final int nodeId;

    public DescribeClusterHandler(Topics topics, int nodeId) {
        this.topics = topics;
        this.nodeId = nodeId;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_CLUSTER;
    }

    @Override
    public void handle(Request request) {
        DescribeClusterRequestData asked = request.body(DescribeClusterRequest.class).data();
        var data = new DescribeClusterResponseData();
        if (asked.endpointType() != BROKERS && asked.endpointType() != CONTROLLERS) {
            data.setErrorCode(Errors.UNSUPPORTED_ENDPOINT_TYPE.code())
                    .setErrorMessage("Unsupported endpoint type " + asked.endpointType());
            request.answer(new DescribeClusterResponse(data));
            return;
        }
        if (asked.endpointType() == CONTROLLERS) {
            data.setErrorCode(Errors.MISMATCHED_ENDPOINT_TYPE.code())
                    .setErrorMessage(
                            "The request was sent to an endpoint of type BROKER, but we"
                                    + " wanted an endpoint of type CONTROLLER");
            request.answer(new DescribeClusterResponse(data));
            return;
        }
        ClusterImage image = topics.image();
        data.setClusterId(image.clusterId())
                .setControllerId(MetadataHandler.takesCommands(image, nodeId))
                .setEndpointType(BROKERS)
                .setClusterAuthorizedOperations(
                        AuthorizedOperations.onCluster(asked.includeClusterAuthorizedOperations()));
        image.nodes().values().stream()
                .filter(node -> asked.includeFencedBrokers() || !node.registration().fenced())
                .forEach(node ->
                        data.brokers()
                                .add(
                                        new DescribeClusterBroker()
                                                .setBrokerId(node.id())
                                                .setIsFenced(node.registration().fenced())
                                                .setHost(node.host())
                                                .setPort(node.port())
                                                .setRack(
                                                        node.rack().isEmpty()
                                                                ? null
                                                                : node.rack())));
        request.answer(new DescribeClusterResponse(data));
    }
}
