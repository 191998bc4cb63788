package io.millrace.broker.handler.quorum;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.ApiVersionsHandler.Features;
import io.millrace.broker.handler.HandlerTable;
import io.millrace.broker.handler.quorum.QuorumHandlers.Administration;
import io.millrace.broker.net.AnswerBudget;
import io.millrace.broker.net.FrameLimits;
import io.millrace.broker.net.Listener;
import io.millrace.broker.net.ListenerSettings;
import io.millrace.broker.net.MemoryBudget;
import io.millrace.broker.net.Transport;
import io.millrace.broker.wire.Connection;
import io.millrace.broker.wire.Peers;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.ProducerIdsAllocated;
import io.millrace.cluster.quorum.MetadataQuorum;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.Recollection;
import io.millrace.cluster.quorum.Standing;
import io.millrace.cluster.quorum.VoterLink;
import io.millrace.cluster.quorum.raft.QuorumSettings;
import io.millrace.cluster.quorum.raft.RaftQuorum;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;
import org.apache.kafka.common.protocol.ApiKeys;

/** One controller of several in this process: a quorum behind the broker's own listener. */
final class ControllerNode implements MetadataQuorum.Listener, AutoCloseable {
    private static final VoterLink ALL_NEW =
            new VoterLink() {
                @Override
                public CompletableFuture<Standing> ask(int voter) {
                    return CompletableFuture.completedFuture(new Standing(true, 0, false, 0));
                }

                @Override
                public void told(Recollection.Outcome outcome) {}
            };

    private static final Administration NO_ADMINISTRATION =
            new Administration(
                    () -> new Features(Map.of(), Map.of(), -1),
                    new ApiHandler() {
                        @Override
                        public ApiKeys api() {
                            return ApiKeys.UPDATE_FEATURES;
                        }

                        @Override
                        public void handle(Request request) {
                            throw new InvalidUpdateVersionException("there are no features");
                        }
                    },
                    List.of());

    static final String CLUSTER = "a-cluster";
    private static final int REQUEST_BYTES = 8 << 20;
    private static final int BUDGET_BYTES = 64 << 20;
    private static final int TIMEOUT_MS = 5_000;

    private final int id;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final AtomicReference<HandlerTable> table = new AtomicReference<>();
    private final AtomicReference<RaftQuorum> quorum = new AtomicReference<>();
    private final Listener listener;
    private final Peers peers;

    /** The numbers that committed records were made of. */
    final List<Long> told = new CopyOnWriteArrayList<>();

    volatile boolean leads;

    ControllerNode(int id, EventLoopGroup loops) throws IOException {
        this.id = id;
        listener =
                Listener.bind(
                        new ListenerSettings(
                                "127.0.0.1",
                                0,
                                new FrameLimits(REQUEST_BYTES, REQUEST_BYTES),
                                100,
                                600_000,
                                new ListenerSettings.SocketOptions(50, -1)),
                        Transport.best(),
                        loops,
                        new MemoryBudget(BUDGET_BYTES, REQUEST_BYTES),
                        () ->
                                new Connection(
                                        requireNonNull(table.get()),
                                        AnswerBudget.unlimited(),
                                        System::currentTimeMillis));
        listener.accept();
        peers =
                new Peers(
                        loops,
                        Transport.best(),
                        new Peers.PeerSettings("node-" + id, TIMEOUT_MS, REQUEST_BYTES));
    }

    int id() {
        return id;
    }

    InetSocketAddress address() {
        return InetSocketAddress.createUnresolved("127.0.0.1", listener.port());
    }

    /** Serves from now on, if it takes part. */
    void serve(Path folder, Map<Integer, InetSocketAddress> voters) {
        var made =
                new RaftQuorum(
                        new QuorumSettings(
                                new QuorumSettings.Node(id, new UUID(1, id), CLUSTER),
                                folder,
                                voters,
                                new QuorumSettings.Timing(500, 1000, 200, 500),
                                Map.of()),
                        thread,
                        ALL_NEW);
        quorum.set(made);
        table.set(
                new QuorumHandlers(
                                made,
                                CLUSTER,
                                () -> voters,
                                this::describe,
                                NO_ADMINISTRATION,
                                this::forwarded)
                        .table());
    }

    /** Takes part from now on. */
    void start() {
        on(() -> {
            quorum().start(this);
            return id;
        });
    }

    private RaftQuorum quorum() {
        return requireNonNull(quorum.get());
    }

    private <T> T on(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, thread).join();
    }

    private CompletableFuture<QuorumDescription> describe() {
        return CompletableFuture.runAsync(() -> {}, thread)
                .thenComposeAsync(ignored -> quorum().describe(), thread);
    }

    /** Says back what it is told, with its number; refuses if it does not lead, or is told to. */
    private CompletableFuture<ByteString> forwarded(ByteString request) {
        return CompletableFuture.supplyAsync(
                () -> {
                    if (request.isEmpty()) {
                        throw new IllegalStateException("told to");
                    }
                    if (!leads) {
                        throw new NotControllerException(OptionalInt.empty(), 0);
                    }
                    return ByteString.copyFromUtf8(id + " heard ").concat(request);
                },
                thread);
    }

    /** What describes the quorum on the clients' listener. */
    ApiHandler describing(Map<Integer, InetSocketAddress> voters) {
        return LeaderHandler.all(new QuorumLeader(id, quorum(), others(voters))).getFirst();
    }

    ControllerPeers others(Map<Integer, InetSocketAddress> voters) {
        return new ControllerPeers(node -> Optional.ofNullable(voters.get(node)), peers);
    }

    CompletableFuture<Long> propose(long number) {
        var record =
                MetadataRecord.newBuilder()
                        .setProducerIdsAllocated(
                                ProducerIdsAllocated.newBuilder().setNextProducerId(number))
                        .build();
        return on(() -> quorum().propose(List.of(record)));
    }

    @Override
    public void restored(Iterator<MetadataRecord> records, long endOffset) {
        throw new AssertionError("no snapshot was taken");
    }

    @Override
    public void committed(List<MetadataRecord> records, long endOffset) {
        records.forEach(record -> told.add(record.getProducerIdsAllocated().getNextProducerId()));
    }

    @Override
    public void leading(int epoch) {
        leads = true;
    }

    @Override
    public void following(OptionalInt leader, int epoch) {
        leads = false;
    }

    @Override
    public void failed(Throwable cause) {
        throw new AssertionError("the quorum of a test fails", cause);
    }

    @Override
    public void close() {
        on(() -> {
            quorum().close();
            return id;
        });
        peers.close();
        listener.close();
        thread.shutdown();
        try {
            thread.awaitTermination(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
