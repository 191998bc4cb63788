package io.millrace.broker.handler;

import io.millrace.broker.wire.PeerAddress;
import io.millrace.broker.wire.Peers;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * The brokers that lead partitions, and requests to them. Thread-safe; never blocks.
 *
 * @param nodeId this broker
 * @param image the metadata as it is now
 */
public record LeaderPeers(int nodeId, Supplier<ClusterImage> image, Peers peers) {
    private static final int NOBODY = -1;

    /**
     * The broker that leads a partition; null if there is no such partition, or nobody leads it.
     */
    public @Nullable NodeImage leaderOf(String topic, int partition) {
        ClusterImage now = image.get();
        int leader = leader(now, topic, partition);
        return leader == NOBODY ? null : now.nodes().get(leader);
    }

    /**
     * Who leads the partitions of a topic.
     *
     * @param others the other brokers that lead any
     * @param isComplete whether each partition is led
     */
    public record Leading(Set<NodeImage> others, boolean isComplete) {}

    /** Who leads the partitions of a topic now; nobody if there is no such topic. */
    public Leading leading(String topic) {
        ClusterImage now = image.get();
        TopicImage known = now.topic(topic);
        var others = new LinkedHashSet<NodeImage>();
        boolean isComplete = true;
        if (known != null) {
            for (PartitionImage partition : known.partitions()) {
                NodeImage leader = now.nodes().get(partition.leader());
                isComplete &= leader != null;
                if (leader != null && leader.id() != nodeId) {
                    others.add(leader);
                }
            }
        }
        return new Leading(others, isComplete);
    }

    /** Whether a partition is there and this broker does not lead it. */
    public boolean isElsewhere(String topic, int partition) {
        TopicImage known = image.get().topic(topic);
        return known != null
                && partition < known.partitions().size()
                && known.partitions().get(partition).leader() != nodeId;
    }

    private static int leader(ClusterImage now, String topic, int partition) {
        TopicImage known = now.topic(topic);
        return known == null || partition < 0 || partition >= known.partitions().size()
                ? NOBODY
                : known.partitions().get(partition).leader();
    }

    /**
     * Asks the leader of a partition; fails with an {@link IOException} if there is none, or it
     * does not answer.
     */
    public CompletableFuture<ApiMessage> ask(
            String topic, int partition, ApiKeys api, ApiMessage request) {
        NodeImage leader = leaderOf(topic, partition);
        return leader == null
                ? CompletableFuture.failedFuture(
                        new IOException("nobody leads %s-%d".formatted(topic, partition)))
                : ask(leader, api, request);
    }

    /** Asks a broker; fails with an {@link IOException} if it does not answer. */
    public CompletableFuture<ApiMessage> ask(NodeImage broker, ApiKeys api, ApiMessage request) {
        return peers.send(
                new PeerAddress(broker.host(), broker.port()),
                api,
                api.latestVersion(false),
                request);
    }
}
