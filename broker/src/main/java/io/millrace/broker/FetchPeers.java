package io.millrace.broker;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.replica.GoneNodes;
import io.millrace.broker.replica.LeaderLink;
import io.millrace.broker.wire.AnswerMemory;
import io.millrace.broker.wire.PeerAddress;
import io.millrace.broker.wire.Peers;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.replication.Joiners;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * The connections over which followers fetch: one for each loop and leader, as an answer may take
 * its time, on that loop. One that answers too late is closed, and its answer never seen.
 * Thread-safe.
 */
final class FetchPeers implements LeaderLink, AutoCloseable {
    private static final short VERSION = 18;

    private final Map<OwnerLoop, Lines> lines = new HashMap<>();
    private final Supplier<ClusterImage> image;
    private final GoneNodes gone;
    private final int self;

    /** The connections of one loop, on which they live, and where what followers fetch is put. */
    private record Lines(Peers peers, Map<Integer, AnswerMemory> memory) {}

    /**
     * @param connect makes the connections of one loop
     * @param gone told of leaders that cannot be reached
     */
    FetchPeers(
            Loops loops,
            Function<OwnerLoop, Peers> connect,
            Supplier<ClusterImage> image,
            GoneNodes gone,
            int self) {
        this.gone = gone;
        loops.all()
                .forEach(loop -> lines.put(loop, new Lines(connect.apply(loop), new HashMap<>())));
        this.image = image;
        this.self = self;
    }

    @Override
    public CompletableFuture<FetchResponseData> fetch(
            int leader, OwnerLoop loop, FetchRequestData asked) {
        Lines own = Objects.requireNonNull(lines.get(loop));
        AnswerMemory memory = own.memory().computeIfAbsent(leader, node -> AnswerMemory.kept());
        return send(leader, to -> own.peers().send(to, ApiKeys.FETCH, VERSION, asked, memory));
    }

    @Override
    public CompletableFuture<FetchResponseData> read(
            int node, OwnerLoop loop, FetchRequestData asked) {
        Lines own = Objects.requireNonNull(lines.get(loop));
        return send(node, to -> own.peers().send(to, ApiKeys.FETCH, VERSION, asked));
    }

    private CompletableFuture<FetchResponseData> send(
            int id, Function<PeerAddress, CompletableFuture<ApiMessage>> sent) {
        NodeImage node = image.get().nodes().get(id);
        return node == null
                ? CompletableFuture.failedFuture(
                        new IOException("node %d is not registered".formatted(id)))
                : sent.apply(new PeerAddress(node.host(), node.port()))
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
    public boolean mayJoin(int node, long nodeEpoch) {
        return Joiners.of(image.get()).mayJoin(node, nodeEpoch);
    }

    @Override
    public void close() {
        lines.values().forEach(own -> own.peers().close());
    }
}
