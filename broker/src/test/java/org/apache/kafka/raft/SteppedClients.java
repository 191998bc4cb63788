package org.apache.kafka.raft;

import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.common.Feature;

/** Makes clients of the quorum that a simulation drives: without threads, and by its clock. */
public final class SteppedClients {
    private static final int FETCH_WAIT_MS = 500;

    private SteppedClients() {}

    /** What a client has of its own in production, and of the simulation here. */
    public record Surroundings(Time time, Random random, RaftMessageQueue queue) {}

    /** The client, not initialized. */
    public static <T> KafkaRaftClient<T> client(
            RaftClientParts<T> parts,
            RaftClientParts.Member member,
            Surroundings surroundings,
            QuorumConfig config) {
        return new KafkaRaftClient<>(
                OptionalInt.of(member.nodeId()),
                member.directoryId(),
                parts.serde(),
                parts.channel(),
                surroundings.queue(),
                parts.log(),
                parts.buffers(),
                surroundings.time(),
                parts.expirations(),
                FETCH_WAIT_MS,
                member.votes(),
                member.clusterId(),
                List.of(),
                member.endpoints(),
                Feature.KRAFT_VERSION.supportedVersionRange(),
                parts.context(),
                surroundings.random(),
                config);
    }
}
