package io.millrace.broker.handler.quorum;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.QuorumDescription.Replica;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Listener;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ListenerCollection;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Node;
import org.apache.kafka.common.message.DescribeQuorumResponseData.NodeCollection;
import org.apache.kafka.common.message.DescribeQuorumResponseData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeQuorumRequest;
import org.apache.kafka.common.requests.DescribeQuorumResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DescribeQuorum on the clients' listener (KIP-595): answered here if this node leads the quorum,
 * else by who does.
 */
public final class DescribeQuorumHandler implements ApiHandler {
    private static final Logger LOG = LoggerFactory.getLogger(DescribeQuorumHandler.class);
    private static final TopicPartition METADATA = new TopicPartition("__cluster_metadata", 0);
    private static final String LISTENER = "CONTROLLER";
    private static final short NODES_SINCE = 2;
    private static final long UNKNOWN = -1;

    private final Supplier<CompletableFuture<QuorumDescription>> description;
    private final ControllerPeers controllers;

    /**
     * @param description what is known of the quorum; called on any thread, must not block
     * @param controllers where others lead; without voters on a single node
     */
    public DescribeQuorumHandler(
            Supplier<CompletableFuture<QuorumDescription>> description,
            ControllerPeers controllers) {
        this.description = description;
        this.controllers = controllers;
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
                        .thenCompose(known -> answer(request.version(), asked, known))
                        .exceptionally(failure -> {
                            LOG.warn("The quorum cannot be described: {}", failure.getMessage());
                            return unavailable();
                        })
                        .thenAccept(data -> request.answer(new DescribeQuorumResponse(data)));
    }

    private CompletableFuture<DescribeQuorumResponseData> answer(
            short version, DescribeQuorumRequestData asked, QuorumDescription known) {
        if (!known.voters().isEmpty()) {
            return CompletableFuture.completedFuture(describe(version, known));
        }
        return known.leader().isPresent()
                ? controllers
                        .send(known.leader().getAsInt(), ApiKeys.DESCRIBE_QUORUM, version, asked)
                        .thenApply(DescribeQuorumResponseData.class::cast)
                : CompletableFuture.completedFuture(unavailable());
    }

    /** Clients ask again. */
    private static DescribeQuorumResponseData unavailable() {
        return DescribeQuorumResponse.singletonErrorResponse(METADATA, Errors.LEADER_NOT_AVAILABLE);
    }

    private DescribeQuorumResponseData describe(short version, QuorumDescription known) {
        var partition =
                new PartitionData()
                        .setPartitionIndex(METADATA.partition())
                        .setLeaderId(known.leader().orElse((int) UNKNOWN))
                        .setLeaderEpoch(known.epoch())
                        .setHighWatermark(known.highWatermark().orElse(UNKNOWN))
                        .setCurrentVoters(states(known.voters()))
                        .setObservers(states(known.observers()));
        return DescribeQuorumResponse.singletonResponse(
                METADATA, partition, version < NODES_SINCE ? new NodeCollection() : nodes());
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

    private NodeCollection nodes() {
        var nodes = new NodeCollection();
        controllers.voters().forEach((id, address) -> nodes.add(node(id, address)));
        return nodes;
    }

    private static Node node(int id, InetSocketAddress address) {
        var listeners = new ListenerCollection();
        listeners.add(
                new Listener()
                        .setName(LISTENER)
                        .setHost(address.getHostString())
                        .setPort(address.getPort()));
        return new Node().setNodeId(id).setListeners(listeners);
    }
}
