package io.millrace.broker.handler;

import io.millrace.broker.wire.PeerAddress;
import io.millrace.broker.wire.Peers;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.TopicImage;
import java.io.IOException;
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
                : peers.send(
                        new PeerAddress(leader.host(), leader.port()),
                        api,
                        api.latestVersion(),
                        request);
    }
}
