package io.millrace.cluster.quorum.raft;

import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.QuorumDescription.Replica;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeQuorumRequest;

/** Between Kafka's description of the quorum and ours. */
final class Descriptions {
    /** The version of the request that is used here: with times. */
    static final short VERSION = 2;

    private Descriptions() {}

    static DescribeQuorumRequestData request() {
        return DescribeQuorumRequest.singletonRequest(Topic.CLUSTER_METADATA_TOPIC_PARTITION);
    }

    /**
     * @param otherwise if the answer holds an error: this node leads no longer
     */
    static QuorumDescription read(ApiMessage answer, QuorumDescription otherwise) {
        var response = (DescribeQuorumResponseData) answer;
        if (response.errorCode() != Errors.NONE.code()) {
            return otherwise;
        }
        var partition = response.topics().getFirst().partitions().getFirst();
        if (partition.errorCode() != Errors.NONE.code()) {
            return otherwise;
        }
        return new QuorumDescription(
                OptionalInt.of(partition.leaderId()),
                partition.leaderEpoch(),
                partition.highWatermark() < 0
                        ? OptionalLong.empty()
                        : OptionalLong.of(partition.highWatermark()),
                replicas(partition.currentVoters()),
                replicas(partition.observers()));
    }

    private static List<Replica> replicas(List<ReplicaState> states) {
        return states.stream()
                .map(state ->
                        new Replica(
                                state.replicaId(),
                                state.logEndOffset(),
                                state.lastFetchTimestamp(),
                                state.lastCaughtUpTimestamp()))
                .toList();
    }
}
