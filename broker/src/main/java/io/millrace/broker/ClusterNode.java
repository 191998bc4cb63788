package io.millrace.broker;

import io.millrace.broker.HostedPartitions.Joining;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.config.ClusterSettings;
import io.millrace.broker.config.Endpoint;
import io.millrace.broker.handler.HandlerTable;
import io.millrace.broker.handler.quorum.ControllerPeers;
import io.millrace.broker.handler.quorum.QuorumHandlers;
import io.millrace.broker.handler.quorum.QuorumHandlers.Administration;
import io.millrace.broker.handler.quorum.QuorumLeader;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.broker.loop.Replication;
import io.millrace.broker.net.Listener;
import io.millrace.broker.replica.FetchSettings;
import io.millrace.broker.replica.GoneNodes;
import io.millrace.broker.replica.Replicas;
import io.millrace.broker.wire.Peers;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.NodeLife;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.quorum.raft.RaftQuorum;
import io.millrace.cluster.replication.InSyncWish;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a node of several has that a single one has not: its part in the quorum, the listener for
 * the other controllers, the life of its registration, and replicas of partitions. Made, started
 * and stopped by the thread that starts and stops the broker.
 */
final class ClusterNode {
    private static final long TICK_MS = 50;
    private static final long REPLICAS_TICK_MS = 500;
    private static final long STOP_MS = 30_000;

    private final ClusterSettings settings;
    private final UUID incarnation = UUID.randomUUID();
    private final UUID directory;
    private final Peers controllerConnections;
    private final ControllerPeers controllers;
    private final Executor metadataThread;

    /** Under {@code os} a stop that was not clean may have lost what was acknowledged. */
    private final boolean tailLost;

    private final FetchPeers fetches;
    private final RaftQuorum quorum;
    private final MetadataService metadata;
    private final Replicas replicas;
    private final Loops loops;
    private final List<OwnerLoop.Cancellable> ticks = new ArrayList<>();
    private @Nullable Listener listener;
    private @Nullable NodeLife life;

    /**
     * @param connect makes connections to other nodes, on some loops
     */
    ClusterNode(
            BrokerConfig config,
            ClusterSettings settings,
            UUID directory,
            Loops loops,
            Function<EventLoopGroup, Peers> connect,
            Executor metadataThread) {
        this.settings = settings;
        this.directory = directory;
        this.loops = loops;
        this.metadataThread = metadataThread;
        this.tailLost = config.text(BrokerKeys.DURABILITY).equals("os");
        controllerConnections = connect.apply(loops.events());
        controllers = new ControllerPeers(this::addressOf, controllerConnections);
        quorum =
                new RaftQuorum(
                        settings.quorumSettings(config, directory),
                        metadataThread,
                        new OtherVoters(nodeId(), controllers));
        metadata =
                new MetadataService(
                        quorum,
                        metadataThread,
                        Millrace.controllerSettings(config, settings, settings.clusterId()),
                        controllers::ask,
                        () -> System.nanoTime() / 1_000_000);
        var gone =
                new GoneNodes(
                        metadata::image,
                        fence -> {
                            var _ = metadata.submit(List.of(fence));
                        },
                        () -> System.nanoTime() / 1_000_000);
        fetches =
                new FetchPeers(
                        loops,
                        loop -> connect.apply(loop.events()),
                        metadata::image,
                        gone,
                        nodeId());
        ClusterSettings.Replication replication = settings.replication();
        replicas =
                new Replicas(
                        fetches,
                        new FetchSettings(
                                nodeId(),
                                replication.waitMs(),
                                replication.responseBytes(),
                                replication.partitionBytes(),
                                replication.backoffMs(),
                                replication.rackAware()),
                        ReplicaThrottle.ofFollower(metadata::image, nodeId()),
                        this::alter,
                        this::failed,
                        Executors.newSingleThreadExecutor(
                                new DefaultThreadFactory("repair", true)));
    }

    private Optional<InetSocketAddress> addressOf(int node) {
        return quorum.address(node);
    }

    /** The controller that leads. */
    QuorumLeader leader() {
        return new QuorumLeader(nodeId(), quorum, controllers);
    }

    /** Every controller is a broker too, so it is among the registered nodes. */
    private Map<Integer, InetSocketAddress> controllersKnown() {
        var known = new TreeMap<Integer, InetSocketAddress>();
        var ids = new TreeSet<>(metadata.image().nodes().keySet());
        ClusterSettings.Quorum configured = settings.quorum();
        if (configured.membership() != null) {
            ids.addAll(configured.membership().voters().keySet());
        }
        ids.add(nodeId());
        ids.forEach(id -> quorum.address(id).ifPresent(address -> known.put(id, address)));
        return known;
    }

    private int nodeId() {
        return settings.quorum().nodeId();
    }

    MetadataService metadata() {
        return metadata;
    }

    Joining joining() {
        return new Joining(
                metadata::image,
                new Replication(nodeId(), settings.replication().lagMs(), replicas),
                incarnation);
    }

    /**
     * Serves the other controllers and administrators, if this node is a controller. Before the
     * metadata starts.
     */
    void listen(Administration administration, BiFunction<Endpoint, HandlerTable, Listener> bind) {
        Endpoint endpoint = settings.quorum().listener();
        if (endpoint != null) {
            var handlers =
                    new QuorumHandlers(
                            quorum,
                            settings.clusterId(),
                            this::controllersKnown,
                            metadata::describeQuorum,
                            administration,
                            metadata::serve);
            Listener bound = bind.apply(endpoint, handlers.table());
            bound.accept();
            listener = bound;
        }
    }

    /**
     * Registers this node, and waits until it takes part. Blocks for as long as there is no
     * majority of controllers.
     *
     * @param failure of this node's part of the quorum
     * @throws StartException if another node has its id, or this one's disk fails
     */
    void join(NodeImage node, PartitionDirectory directory, CompletableFuture<Throwable> failure) {
        NodeImage self = node.with(new Registration(0, incarnation, this.directory, true, false));
        var refused = new CompletableFuture<Void>();
        var _ =
                failure.thenAccept(cause ->
                        refused.completeExceptionally(
                                new StartException("Cannot take part in the quorum", cause)));
        var begun =
                new NodeLife(
                        metadata,
                        metadataThread,
                        new NodeLife.Settings(
                                self,
                                tailLost,
                                settings.heartbeats().intervalMs(),
                                2L * settings.heartbeats().sessionTimeoutMs()),
                        why -> refused.completeExceptionally(new StartException(why, null)));
        life = begun;
        begun.start();
        OwnerLoop first = loops.all().getFirst();
        ticks.add(
                first.every(
                        () -> {
                            metadata.tick();
                            begun.tick(System.nanoTime() / 1_000_000);
                        },
                        TICK_MS));
        for (OwnerLoop loop : loops.all()) {
            ticks.add(loop.every(() -> tick(loop, directory), REPLICAS_TICK_MS));
        }
        try {
            CompletableFuture.anyOf(begun.ready(), refused).join();
        } catch (CompletionException e) {
            ticks.forEach(OwnerLoop.Cancellable::cancel);
            throw e.getCause() instanceof StartException refusal ? refusal : e;
        }
    }

    private void tick(OwnerLoop loop, PartitionDirectory directory) {
        for (PartitionDirectory.HostedTopic topic : directory.all()) {
            for (Partition partition : topic.partitions()) {
                if (partition.loop() == loop && !partition.isDeleted()) {
                    replicas.tick(partition);
                }
            }
        }
    }

    private CompletableFuture<Decision> alter(Partition partition, InSyncWish wish) {
        return metadata.submit(
                        List.of(
                                new Command.AlterPartition(
                                        nodeId(),
                                        fetches.nodeEpoch(),
                                        partition.id().topicId(),
                                        partition.id().index(),
                                        wish.leaderEpoch(),
                                        wish.partitionEpoch(),
                                        wish.inSync(),
                                        wish.nodeEpochs())))
                .thenApply(outcome -> outcome.decisions().getFirst());
    }

    private CompletableFuture<Decision> failed(Partition partition) {
        return metadata.submit(
                        List.of(
                                new Command.ReplicaFailed(
                                        nodeId(),
                                        fetches.nodeEpoch(),
                                        partition.id().topicId(),
                                        partition.id().index())))
                .thenApply(outcome -> outcome.decisions().getFirst());
    }

    /** Has other nodes lead what this one leads, if they can. Blocks. */
    void leave() {
        NodeLife living = life;
        if (living != null && settings.heartbeats().controlledShutdown()) {
            living.shutDown(STOP_MS).join();
        }
        ticks.forEach(OwnerLoop.Cancellable::cancel);
        replicas.close();
        fetches.close();
    }

    /** Serves other controllers no more. After the metadata has stopped. */
    void close() {
        if (listener != null) {
            listener.close();
        }
        controllerConnections.close();
    }
}
