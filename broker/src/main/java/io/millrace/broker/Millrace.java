package io.millrace.broker;

import io.millrace.broker.Handlers.QuorumAccess;
import io.millrace.broker.HostedPartitions.Joining;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.config.ClusterSettings;
import io.millrace.broker.config.Endpoint;
import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.coordinator.TransactionCoordinator;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.handler.HandlerTable;
import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.handler.transaction.ProducerIds;
import io.millrace.broker.handler.transaction.RemoteMarkers;
import io.millrace.broker.loop.BrokerClock;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.Replication;
import io.millrace.broker.net.AnswerBudget;
import io.millrace.broker.net.Listener;
import io.millrace.broker.net.Transport;
import io.millrace.broker.transaction.TransactionLimits;
import io.millrace.broker.wire.Peers;
import io.millrace.broker.wire.Peers.PeerSettings;
import io.millrace.cluster.ControllerSettings;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.quorum.LocalQuorum;
import io.millrace.storage.CorruptRangeException;
import io.millrace.storage.Durability;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.StorageException;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker in this process: serving when {@link #start} returns, gone when {@link #close} does.
 * Both block and may be called from any thread, {@code close} once.
 *
 * <pre>{@code
 * try (var broker = Millrace.start(BrokerConfig.of(Map.of("log.dirs", folder, "millrace.port", "0")))) {
 *     String bootstrapServers = broker.bootstrapServers();
 * }
 * }</pre>
 */
public final class Millrace implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Millrace.class);
    private static final int MINUTE_MS = 60_000;

    private final BrokerConfig config;
    private final DataFolder folder;
    private final EventLoopGroup group;
    private final Loops loops;
    private final FlushQueue flushes;
    private final ExecutorService metadataThread;
    private final @Nullable ClusterNode cluster;
    private final MetadataService metadata;
    private final PartitionDirectory directory = new PartitionDirectory();
    private final Peers peers;
    private final LeaderPeers leaders;
    private final GroupCoordinator groups;
    private final TransactionCoordinator transactions;
    private final Queues queues;
    private final Maintenance maintenance;
    private final AnswerBudget answers;
    private final Listener listener;

    private Millrace(BrokerConfig config, Disk disk, DataFolder folder) {
        this.config = config;
        this.folder = folder;
        answers = new AnswerBudget(config.number(BrokerKeys.ANSWER_MEMORY));
        var transport = Transport.best();
        group =
                new MultiThreadIoEventLoopGroup(
                        config.integer(BrokerKeys.THREADS),
                        new DefaultThreadFactory("loop", true),
                        transport.ioHandlers());
        var files = FileLimit.of(config.integer(BrokerKeys.OPEN_FILES));
        var listeners = new Listeners(config, transport, group, files);
        loops = loops(group, files);
        flushes = new FlushQueue(config.integer(BrokerKeys.FLUSH_THREADS));
        var reserve = new DiskReserve(disk, folder.path(), config.number(BrokerKeys.DISK_RESERVE));
        LogEnvironment env = environment(config, disk, flushes, reserve);
        metadataThread =
                Executors.newSingleThreadExecutor(new DefaultThreadFactory("metadata", true));
        var settings = ClusterSettings.of(config);
        Function<EventLoopGroup, Peers> connect = on -> connect(on, transport);
        cluster = settings.isClustered() ? node(settings, connect) : null;
        metadata = cluster == null ? alone(config, settings, env) : cluster.metadata();
        int node = config.integer(BrokerKeys.NODE_ID);
        peers = connect.apply(group);
        leaders = new LeaderPeers(node, metadata::image, peers);
        var alone = new Joining(metadata::image, Replication.alone(node), null);
        var hosted =
                new HostedPartitions(
                        directory,
                        loops,
                        env,
                        new PartitionFolders(disk, folder.path(), flushes),
                        config,
                        cluster == null ? alone : cluster.joining());
        groups = groups(config, metadata, directory);
        transactions =
                new TransactionCoordinator(
                        directory,
                        groups,
                        new RemoteMarkers(leaders),
                        transactionLimits(config),
                        Topics.TRANSACTIONS);
        queues = new Queues(config, metadata, directory, loops, leaders);
        hosted.follow(metadata);
        metadata.subscribe(queues::apply);
        metadata.subscribe(this::tellGroups);
        hosted.onTopicDeleted(groups::topicDeleted);
        maintenance = new Maintenance(loops, directory, groups, transactions, queues, reserve);
        Handlers handlers = handlers(disk);
        if (cluster != null) {
            metadata.subscribe(this::loadShards);
            cluster.listen(
                    handlers.administration(queues),
                    (endpoint, table) -> listenToControllers(listeners, endpoint, table));
        }
        onMetadataThread(metadata::start);
        openPartitions();
        listener = listenToClients(listeners, handlers.table(queues));
        serve();
    }

    private Loops loops(EventLoopGroup on, FileLimit files) {
        return new Loops(
                on,
                BrokerClock.SYSTEM,
                files.segmentFiles(),
                config.number(BrokerKeys.REQUEST_MEMORY));
    }

    private void serve() {
        join();
        listener.accept();
        groups.loadAll();
        transactions.loadAll();
        queues.coordinator().loadAll();
        maintenance.start(config);
    }

    private static GroupCoordinator groups(
            BrokerConfig config, MetadataService metadata, PartitionDirectory directory) {
        return new GroupCoordinator(
                directory,
                groupLimits(config),
                () -> new ImageView(metadata.image(), config),
                new GroupEffects(metadata, config)::carryOut,
                Topics.OFFSETS);
    }

    private ClusterNode node(ClusterSettings settings, Function<EventLoopGroup, Peers> connect) {
        return new ClusterNode(
                config, settings, folder.directoryId(), loops, connect, metadataThread);
    }

    private MetadataService alone(
            BrokerConfig values, ClusterSettings settings, LogEnvironment env) {
        var quorum =
                new LocalQuorum(
                        values.integer(BrokerKeys.NODE_ID),
                        env,
                        folder.path(),
                        metadataThread,
                        BrokerClock.SYSTEM::nowMs);
        return new MetadataService(
                quorum,
                metadataThread,
                controllerSettings(values, settings, folder.clusterId()),
                (node, request) ->
                        CompletableFuture.failedFuture(new IOException("there is no other node")),
                BrokerClock.SYSTEM::nowMs);
    }

    static ControllerSettings controllerSettings(
            BrokerConfig config, ClusterSettings settings, String clusterId) {
        ClusterSettings.LeaderBalancing balancing = settings.balancing();
        return new ControllerSettings(
                clusterId,
                config.integer(BrokerKeys.NODE_ID),
                HostedPartitions.policy(config),
                settings.heartbeats().sessionTimeoutMs(),
                balancing.enabled() ? balancing.checkIntervalMs() : 0,
                balancing.percentage());
    }

    /** A shard is read where its partition is led now, so that its waits are watched there. */
    private void loadShards(ImageDelta delta) {
        for (UUID id : delta.touchedTopics()) {
            TopicImage topic = delta.after().topic(id);
            String name = topic == null ? "" : topic.name();
            switch (name) {
                case Topics.OFFSETS -> groups.loadAll();
                case Topics.TRANSACTIONS -> transactions.loadAll();
                case Topics.SHARE_STATE -> queues.coordinator().loadAll();
                default -> {}
            }
        }
    }

    private static LogEnvironment environment(
            BrokerConfig config, Disk disk, FlushQueue flushes, DiskReserve reserve) {
        boolean cached = config.text(BrokerKeys.DURABILITY).equals("os");
        return new LogEnvironment(
                disk,
                flushes,
                cached ? Durability.OS : Durability.FSYNC,
                config.number("producer.id.expiration.ms"),
                reserve,
                new LoggedEvents());
    }

    private Handlers handlers(Disk disk) {
        return new Handlers(
                config,
                config.integer(BrokerKeys.NODE_ID),
                metadata,
                directory,
                loops,
                groups,
                transactions,
                new ProducerIds(metadata),
                leaders,
                new QuorumAccess(
                        metadata::describeQuorum, cluster == null ? null : cluster.leader()),
                disk,
                folder.path());
    }

    private Peers connect(EventLoopGroup on, Transport transport) {
        return new Peers(on, transport, peerSettings(config));
    }

    private static PeerSettings peerSettings(BrokerConfig config) {
        return new PeerSettings(
                "broker-" + config.integer(BrokerKeys.NODE_ID),
                config.integer(BrokerKeys.PEER_TIMEOUT_MS),
                config.integer("socket.request.max.bytes"));
    }

    private static TransactionLimits transactionLimits(BrokerConfig config) {
        return new TransactionLimits(
                config.integer("transaction.max.timeout.ms"),
                config.number("transactional.id.expiration.ms"));
    }

    /**
     * Starts a broker and waits until it serves.
     *
     * @throws StartException if it cannot
     */
    public static Millrace start(BrokerConfig config) {
        return start(config, new RealDisk());
    }

    /**
     * Starts a broker on a disk of the caller's, such as one that fails on purpose, and waits until
     * it serves.
     *
     * @throws StartException if it cannot
     */
    public static Millrace start(BrokerConfig config, Disk disk) {
        var folder =
                DataFolder.open(
                        disk,
                        config.dataFolder(),
                        config.integer(BrokerKeys.NODE_ID),
                        ClusterSettings.of(config).clusterId());
        try {
            return new Millrace(config, disk, folder);
        } catch (CorruptRangeException e) {
            throw new StartException(
                    "Cannot start without the whole metadata: %s; put a copy of that folder in its place, or start with another --data-dir"
                            .formatted(e.getMessage()),
                    e);
        } catch (StorageException e) {
            throw new StartException("Cannot start: " + e.getMessage(), e);
        }
    }

    private static GroupLimits groupLimits(BrokerConfig config) {
        return new GroupLimits(
                config.integer("group.initial.rebalance.delay.ms"),
                config.integer("group.min.session.timeout.ms"),
                config.integer("group.max.session.timeout.ms"),
                config.integer("group.max.size"),
                config.integer("offset.metadata.max.bytes"),
                config.number("offsets.retention.minutes") * MINUTE_MS,
                config.integer("millrace.group.max.per.partition"));
    }

    private void tellGroups(ImageDelta delta) {
        var names = new ArrayList<String>();
        for (UUID id : delta.touchedTopics()) {
            TopicImage after = delta.after().topic(id);
            TopicImage topic = after == null ? delta.before().topic(id) : after;
            if (topic != null) {
                names.add(topic.name());
            }
        }
        groups.clusterChanged(
                new ImageView(delta.after(), config), delta.before().endOffset(), names);
    }

    private void onMetadataThread(Runnable task) {
        try {
            CompletableFuture.runAsync(task, metadataThread).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StorageException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Opens every log on its own loop, all loops at once. */
    private void openPartitions() {
        var opened = new ArrayList<CompletableFuture<Void>>();
        for (OwnerLoop loop : loops.all()) {
            opened.add(
                    CompletableFuture.runAsync(() -> forEachPartition(loop, Millrace::open), loop));
        }
        opened.forEach(CompletableFuture::join);
    }

    private void forEachPartition(OwnerLoop loop, java.util.function.Consumer<Partition> task) {
        directory
                .all()
                .forEach(topic ->
                        topic.partitions().stream()
                                .filter(partition -> partition.loop() == loop)
                                .forEach(task));
    }

    private static void open(Partition partition) {
        try {
            if (partition.isHosted()) {
                partition.log();
            }
        } catch (StorageException e) {
            partition.offline(e);
        }
    }

    private Listener listenToClients(Listeners listeners, HandlerTable table) {
        var endpoint =
                new Endpoint("", config.text(BrokerKeys.HOST), config.integer(BrokerKeys.PORT));
        try {
            return listeners.clients(endpoint, table, answers, cluster == null);
        } catch (IOException e) {
            stopThreads();
            throw Listeners.failure(e);
        }
    }

    private Listener listenToControllers(
            Listeners listeners, Endpoint endpoint, HandlerTable table) {
        try {
            return listeners.controllers(endpoint, table, answers);
        } catch (IOException e) {
            stopThreads();
            throw Listeners.failure(e);
        }
    }

    private void join() {
        int port = config.integer(BrokerKeys.ADVERTISED_PORT);
        var node =
                new NodeImage(
                        config.integer(BrokerKeys.NODE_ID),
                        advertisedHost(),
                        port == 0 ? listener.port() : port,
                        config.text("broker.rack"));
        if (cluster == null) {
            metadata.submit(List.of(new Command.RegisterNode(node))).join();
        } else {
            cluster.join(node, directory, metadata.failure());
        }
    }

    private String advertisedHost() {
        String advertised = config.text(BrokerKeys.ADVERTISED_HOST);
        String host = advertised.isEmpty() ? config.text(BrokerKeys.HOST) : advertised;
        if (!host.equals("0.0.0.0") && !host.equals("::")) {
            return host;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            LOG.warn(
                    "This machine's name is not known; clients are told localhost: {}",
                    e.getMessage());
            return "localhost";
        }
    }

    /** What it knows of the cluster. */
    MetadataService metadata() {
        return metadata;
    }

    /** The port that is served. */
    public int port() {
        return listener.port();
    }

    /** The host that is listened on. */
    public String host() {
        return config.text(BrokerKeys.HOST);
    }

    /** What clients take as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return host() + ":" + port();
    }

    /**
     * Done, on a thread of the broker's, with the cause once this broker can hear of no metadata
     * any more, mostly since its disk has failed. It leads no partition then, until it is closed
     * and started again. From any thread.
     */
    public CompletableFuture<Throwable> failure() {
        return metadata.failure();
    }

    /** Stops cleanly: answers no more, flushes and closes every log. Blocks until that is done. */
    @Override
    public void close() {
        if (cluster != null) {
            cluster.leave();
        }
        queues.stop();
        listener.close();
        peers.close();
        maintenance.stop();
        var closed = new ArrayList<CompletableFuture<Void>>();
        for (OwnerLoop loop : loops.all()) {
            closed.add(
                    CompletableFuture.runAsync(
                            () -> forEachPartition(loop, Millrace::close), loop));
        }
        closed.forEach(CompletableFuture::join);
        onMetadataThread(metadata::stop);
        if (cluster != null) {
            cluster.close();
        }
        stopThreads();
    }

    private static void close(Partition partition) {
        try {
            partition.close();
        } catch (StorageException e) {
            LOG.error("{} was not closed cleanly: {}", partition.id(), e.getMessage());
        }
    }

    private void stopThreads() {
        metadataThread.shutdown();
        flushes.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        try {
            folder.close();
        } catch (IOException e) {
            LOG.warn("The lock of the data folder was not released: {}", e.getMessage());
        }
    }
}
