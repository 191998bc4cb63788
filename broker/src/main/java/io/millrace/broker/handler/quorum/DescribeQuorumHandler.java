package io.millrace.broker.handler.quorum;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.QuorumDescription.Replica;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.NodeCollection;
import org.apache.kafka.common.message.DescribeQuorumResponseData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeQuorumRequest;
import org.apache.kafka.common.requests.DescribeQuorumResponse;

/** DescribeQuorum of a single node (KIP-595): it leads. In a cluster see {@link LeaderHandler}. */
public final class DescribeQuorumHandler implements ApiHandler {
    private static final TopicPartition METADATA = new TopicPartition("__cluster_metadata", 0);
    private static final long UNKNOWN = -1;

    private final Supplier<CompletableFuture<QuorumDescription>> description;

    /**
     * @param description what is known of the quorum; called on any thread, must not block
     */
    public DescribeQuorumHandler(Supplier<CompletableFuture<QuorumDescription>> description) {
        this.description = description;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_QUORUM;
    }

    @Override
    public void handle(Request request) {
        DescribeQuorumRequestData asked = request.body(DescribeQuorumRequest.class).data();
        if (!asked.equals(DescribeQuorumRequest.singletonRequest(METADATA))) {
            request.answer(
                    new DescribeQuorumResponse(
                            DescribeQuorumRequest.getPartitionLevelErrorResponse(
                                    asked, Errors.UNKNOWN_TOPIC_OR_PARTITION)));
            return;
        }
        var _ =
                description
                        .get()
                        .thenAccept(known ->
                                request.answer(new DescribeQuorumResponse(describe(known))));
    }

    private DescribeQuorumResponseData describe(QuorumDescription known) {
        var partition =
                new PartitionData()
                        .setPartitionIndex(METADATA.partition())
                        .setLeaderId(known.leader().orElse((int) UNKNOWN))
                        .setLeaderEpoch(known.epoch())
                        .setHighWatermark(known.highWatermark().orElse(UNKNOWN))
                        .setCurrentVoters(states(known.voters()))
                        .setObservers(states(known.observers()));
        return DescribeQuorumResponse.singletonResponse(METADATA, partition, new NodeCollection());
    }

    private static List<ReplicaState> states(List<Replica> replicas) {
        return replicas.stream()
                .map(replica ->
                        new ReplicaState()
                                .setReplicaId(replica.nodeId())
                                .setLogEndOffset(replica.logEndOffset())
                                .setLastFetchTimestamp(replica.lastFetchMs())
                                .setLastCaughtUpTimestamp(replica.lastCaughtUpMs()))
                .toList();
    }
}
