package io.millrace.broker.handler.quorum;

import com.google.protobuf.ByteString;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.ApiVersionsHandler;
import io.millrace.broker.handler.ApiVersionsHandler.Features;
import io.millrace.broker.handler.HandlerTable;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.raft.RaftQuorum;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.message.BeginQuorumEpochResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.EndQuorumEpochResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchSnapshotResponseData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.message.UpdateRaftVoterResponseData;
import org.apache.kafka.common.message.VoteResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AddRaftVoterResponse;
import org.apache.kafka.common.requests.BeginQuorumEpochResponse;
import org.apache.kafka.common.requests.DescribeQuorumResponse;
import org.apache.kafka.common.requests.EndQuorumEpochResponse;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.FetchSnapshotResponse;
import org.apache.kafka.common.requests.RemoveRaftVoterResponse;
import org.apache.kafka.common.requests.UpdateRaftVoterResponse;
import org.apache.kafka.common.requests.VoteResponse;

/**
 * What the controller's listener serves.
 *
 * @param quorum answers what is between the nodes of the quorum
 * @param voters every voter's address by its node's id; called on any thread, must not block
 * @param description what is known of the quorum; called on any thread, must not block
 * @param administration what administrators ask controllers for
 * @param forwarded answers what {@link ControllerPeers} of other nodes ask; fails with a {@link
 *     io.millrace.cluster.quorum.NotControllerException} if this node does not lead. Called on any
 *     event loop, must not block
 */
public record QuorumHandlers(
        RaftQuorum quorum,
        String clusterId,
        Supplier<Map<Integer, InetSocketAddress>> voters,
        Supplier<CompletableFuture<QuorumDescription>> description,
        Administration administration,
        Function<ByteString, CompletableFuture<ByteString>> forwarded) {
    /**
     * What an administrator may ask a controller for as he asks a broker, by {@code
     * bootstrap.controllers} (KIP-919): any of them, whichever leads.
     *
     * @param features the levels of all features; called on any event loop, must not block
     * @param updateFeatures changes levels other than the quorum's version
     * @param others further handlers, as on the clients' listener
     */
    public record Administration(
            Supplier<Features> features, ApiHandler updateFeatures, List<ApiHandler> others) {}

    /** The handlers. Takes no request before the quorum was made. */
    public HandlerTable table() {
        var served = new ArrayList<Collection<ApiHandler>>();
        var handlers = new ArrayList<>(administration.others());
        handlers.add(new ApiVersionsHandler(served::getFirst, administration.features()));
        handlers.add(new RaiseVersionHandler(quorum, administration.updateFeatures()));
        handlers.addAll(ofQuorum());
        var table = new HandlerTable(handlers);
        served.add(table.all());
        return table;
    }

    private List<ApiHandler> ofQuorum() {
        return List.of(
                new EnvelopeHandler(forwarded),
                new DescribeControllersHandler(clusterId, voters, description),
                of(ApiKeys.VOTE, VoteResponseData.class, VoteResponse::new),
                of(
                        ApiKeys.BEGIN_QUORUM_EPOCH,
                        BeginQuorumEpochResponseData.class,
                        BeginQuorumEpochResponse::new),
                of(
                        ApiKeys.END_QUORUM_EPOCH,
                        EndQuorumEpochResponseData.class,
                        EndQuorumEpochResponse::new),
                of(ApiKeys.FETCH, FetchResponseData.class, FetchResponse::of),
                of(
                        ApiKeys.FETCH_SNAPSHOT,
                        FetchSnapshotResponseData.class,
                        FetchSnapshotResponse::new),
                of(
                        ApiKeys.DESCRIBE_QUORUM,
                        DescribeQuorumResponseData.class,
                        DescribeQuorumResponse::new),
                of(
                        ApiKeys.ADD_RAFT_VOTER,
                        AddRaftVoterResponseData.class,
                        AddRaftVoterResponse::new),
                of(
                        ApiKeys.REMOVE_RAFT_VOTER,
                        RemoveRaftVoterResponseData.class,
                        RemoveRaftVoterResponse::new),
                of(
                        ApiKeys.UPDATE_RAFT_VOTER,
                        UpdateRaftVoterResponseData.class,
                        UpdateRaftVoterResponse::new));
    }

    private <T extends ApiMessage> ConsensusHandler of(
            ApiKeys api, Class<T> type, Function<T, AbstractResponse> response) {
        return new ConsensusHandler(api, quorum, answer -> response.apply(type.cast(answer)));
    }
}
