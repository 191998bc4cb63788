package io.millrace.cluster.quorum.raft;

import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.RaftUtil;
import org.apache.kafka.raft.ReplicaKey;

/**
 * Has a voter not wait until its fetches time out for a leader whose machine refuses connections:
 * nobody listens there, so the process is gone. It is told what the leader would have said had it
 * stopped (END_QUORUM_EPOCH), and asks for pre-votes (KIP-996). Who still hears the leader refuses
 * them, so that to be told wrongly costs nothing. Thread-safe.
 */
final class GoneLeader {
    /** Voters that find out at once ask one after the other, or they would split the votes. */
    private static final int SPREAD_MS = 100;

    private static final long TELL_AGAIN_MS = 1_000;
    private static final int NO_CORRELATION = 0;

    private final int nodeId;
    private final String clusterId;
    private final KafkaRaftClient<?> client;
    private final Later later;
    private final LongSupplier clockMs;
    private final Random random;
    private long quietUntilMs = Long.MIN_VALUE;

    /** Runs something after some milliseconds. */
    interface Later {
        void run(long delayMs, Runnable task);
    }

    /**
     * @param client of this node
     * @param clockMs milliseconds that only rise
     */
    GoneLeader(
            int nodeId,
            String clusterId,
            KafkaRaftClient<?> client,
            Later later,
            LongSupplier clockMs,
            Random random) {
        this.nodeId = nodeId;
        this.clusterId = clusterId;
        this.client = client;
        this.later = later;
        this.clockMs = clockMs;
        this.random = random;
    }

    /** A node's machine refuses connections. */
    void refused(int node) {
        LeaderAndEpoch known = client.leaderAndEpoch();
        if (known.isLeader(node) && isDue()) {
            later.run(random.nextInt(SPREAD_MS), () -> tell(known));
        }
    }

    private synchronized boolean isDue() {
        long nowMs = clockMs.getAsLong();
        boolean due = nowMs >= quietUntilMs;
        if (due) {
            quietUntilMs = nowMs + TELL_AGAIN_MS;
        }
        return due;
    }

    private void tell(LeaderAndEpoch gone) {
        if (!client.leaderAndEpoch().equals(gone)) {
            return;
        }
        var ended =
                RaftUtil.singletonEndQuorumEpochRequest(
                        Topic.CLUSTER_METADATA_TOPIC_PARTITION,
                        clusterId,
                        gone.epoch(),
                        gone.leaderId().orElseThrow(),
                        List.of(ReplicaKey.of(nodeId, ReplicaKey.NO_DIRECTORY_ID)));
        var _ =
                client.handle(
                        new RaftRequest.Inbound(
                                OutgoingRequests.LISTENER,
                                NO_CORRELATION,
                                ApiKeys.END_QUORUM_EPOCH.latestVersion(),
                                ended,
                                clockMs.getAsLong()));
    }
}
