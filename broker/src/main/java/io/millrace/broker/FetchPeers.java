package io.millrace.broker;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.replica.GoneNodes;
import io.millrace.broker.replica.LeaderLink;
import io.millrace.broker.wire.PeerAddress;
import io.millrace.broker.wire.Peers;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The connections over which followers fetch: one for each loop and leader, as an answer may take
 * its time. One that answers too late is closed, and its answer never seen. Thread-safe.
 */
final class FetchPeers implements LeaderLink, AutoCloseable {
    private static final short VERSION = 18;

    private final Map<OwnerLoop, Peers> connections = new HashMap<>();
    private final Supplier<ClusterImage> image;
    private final GoneNodes gone;
    private final int self;

    /**
     * @param connect makes the connections of one loop
     * @param gone told of leaders that cannot be reached
     */
    FetchPeers(
            Loops loops,
            Supplier<Peers> connect,
            Supplier<ClusterImage> image,
            GoneNodes gone,
            int self) {
        this.gone = gone;
        loops.all().forEach(loop -> connections.put(loop, connect.get()));
        this.image = image;
        this.self = self;
    }

    @Override
    public CompletableFuture<FetchResponseData> fetch(
            int leader, OwnerLoop loop, FetchRequestData asked) {
        NodeImage node = image.get().nodes().get(leader);
        return node == null
                ? CompletableFuture.failedFuture(
                        new IOException("node %d is not registered".formatted(leader)))
                : Objects.requireNonNull(connections.get(loop))
                        .send(
                                new PeerAddress(node.host(), node.port()),
                                ApiKeys.FETCH,
                                VERSION,
                                asked)
                        .thenApply(answer -> (FetchResponseData) answer);
    }

    @Override
    public void unreachable(int leader, Throwable why) {
        gone.unreachable(leader, why);
    }

    @Override
    public long nodeEpoch() {
        NodeImage node = image.get().nodes().get(self);
        return node == null ? -1 : node.registration().epoch();
    }

    @Override
    public void close() {
        connections.values().forEach(Peers::close);
    }
}
