package io.millrace.broker.handler.quorum;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.quorum.QuorumDescription;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;

/**
 * DescribeCluster at a controller: the voters, and which of them leads. It is how Kafka's admin
 * client begins with {@code bootstrap.controllers} (KIP-919). Told of no leader it would not ask
 * again for five minutes, whatever is wanted of it: so while there is none, the answer waits for
 * one, for as long as an election may take.
 */
record DescribeControllersHandler(
        String clusterId,
        Supplier<Map<Integer, InetSocketAddress>> voters,
        Supplier<CompletableFuture<QuorumDescription>> description)
        implements ApiHandler {
    private static final byte CONTROLLERS = 2;
    private static final int UNKNOWN = -1;
    private static final int MOST_WAITS = 50;
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_CLUSTER;
    }

    @Override
    public void handle(Request request) {
        byte type = request.body(DescribeClusterRequest.class).data().endpointType();
        if (type != CONTROLLERS) {
            request.answer(
                    new DescribeClusterResponse(
                            new DescribeClusterResponseData()
                                    .setErrorCode(Errors.MISMATCHED_ENDPOINT_TYPE.code())
                                    .setErrorMessage(
                                            "This is a controller's listener, not a broker's")));
            return;
        }
        answerOnceLed(request, MOST_WAITS);
    }

    private void answerOnceLed(Request request, int waits) {
        var _ =
                description
                        .get()
                        .whenComplete((known, failure) -> {
                            int leader = failure == null ? known.leader().orElse(UNKNOWN) : UNKNOWN;
                            if (leader != UNKNOWN || waits == 0) {
                                request.answer(answer(leader));
                            } else {
                                LATER.execute(() -> answerOnceLed(request, waits - 1));
                            }
                        });
    }

    private DescribeClusterResponse answer(int leader) {
        var data =
                new DescribeClusterResponseData()
                        .setClusterId(clusterId)
                        .setEndpointType(CONTROLLERS)
                        .setControllerId(leader);
        voters.get()
                .forEach((id, address) ->
                        data.brokers()
                                .add(
                                        new DescribeClusterBroker()
                                                .setBrokerId(id)
                                                .setHost(address.getHostString())
                                                .setPort(address.getPort())));
        return new DescribeClusterResponse(data);
    }
}
