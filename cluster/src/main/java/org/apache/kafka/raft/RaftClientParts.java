package org.apache.kafka.raft;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;
import org.apache.kafka.raft.internals.BlockingMessageQueue;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.serialization.RecordSerde;

/**
 * What a client of the quorum is made of. The public constructor keeps up to five buffers of 8 MiB;
 * this passes it a pool.
 */
public record RaftClientParts<T>(
        RecordSerde<T> serde,
        NetworkChannel channel,
        RaftLog log,
        ExpirationService expirations,
        MemoryPool buffers,
        LogContext context) {
    private static final int FETCH_WAIT_MS = 500;

    /**
     * Which node it is for.
     *
     * @param endpoints where the others reach it; none if it does not vote
     * @param votes whether it may vote: what it has of the log must be on disk before it says so
     * @param contacts controllers that know who leads; none: the voters
     */
    public record Member(
            int nodeId,
            Uuid directoryId,
            String clusterId,
            Endpoints endpoints,
            boolean votes,
            List<InetSocketAddress> contacts) {}

    /**
     * Where the leader said that it is reached, which a node knows before it knows who votes. Of an
     * initialized client; from any thread.
     */
    public static Optional<InetSocketAddress> addressOfLeader(
            KafkaRaftClient<?> client, int node, ListenerName listener) {
        QuorumState state = client.quorum();
        return state.leaderIdOrSentinel() == node
                ? state.leaderEndpoints().address(listener)
                : Optional.empty();
    }

    /** The client, not initialized. */
    public KafkaRaftClient<T> client(Member member, QuorumConfig config) {
        return new KafkaRaftClient<>(
                OptionalInt.of(member.nodeId()),
                member.directoryId(),
                serde,
                channel,
                new BlockingMessageQueue(),
                log,
                buffers,
                Time.SYSTEM,
                expirations,
                FETCH_WAIT_MS,
                member.votes(),
                member.clusterId(),
                member.contacts(),
                member.endpoints(),
                Feature.KRAFT_VERSION.supportedVersionRange(),
                context,
                new Random(),
                config);
    }
}
