package io.millrace.cluster.quorum.raft;

import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.MetadataFolder;
import io.millrace.cluster.quorum.raft.channel.LeaderProbe;
import io.millrace.cluster.quorum.raft.channel.VoteGate;
import io.millrace.storage.StorageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.common.utils.internals.LogContext;
import org.apache.kafka.raft.Endpoints;
import org.apache.kafka.raft.FileQuorumStateStore;
import org.apache.kafka.raft.KafkaNetworkChannel;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.raft.KafkaRaftClientDriver;
import org.apache.kafka.raft.RaftClient;
import org.apache.kafka.raft.RaftClientParts;
import org.apache.kafka.raft.RaftLog;
import org.apache.kafka.raft.TimingWheelExpirationService;
import org.apache.kafka.raft.internals.KafkaRaftLog;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.jspecify.annotations.Nullable;

/** The parts of Kafka's consensus put together: log, vote, connections, timers and threads. */
final class RaftNode implements RaftEngine {
    private static final TopicPartition PARTITION = Topic.CLUSTER_METADATA_TOPIC_PARTITION;

    private final QuorumSettings settings;
    private final Path folder;
    private final LogContext context;
    private final String threadName;
    private final Metrics metrics = new Metrics();
    private final KafkaScheduler scheduler;
    private final SystemTimer timer;
    private final TimingWheelExpirationService expirations;
    private final RaftLog log;
    private final KafkaNetworkChannel channel;
    private final VoteGate gate;
    private final KafkaRaftClient<MetadataRecord> client;
    private final GoneLeader goneLeader;
    private @Nullable KafkaRaftClientDriver<MetadataRecord> driver;

    /** Whether {@link #start} has read the log; looked at by any thread. */
    private volatile boolean initialized;

    /** Opens the files; takes no part yet. Blocks. */
    RaftNode(QuorumSettings settings) {
        this.settings = settings;
        this.folder = MetadataFolder.in(settings.dataFolder());
        int id = settings.node().id();
        context = new LogContext("[quorum node %d] ".formatted(id));
        threadName = "raft-" + id;
        scheduler = new KafkaScheduler(1, true, threadName + "-scheduler-");
        scheduler.startup();
        boolean votes = hasVote();
        log = openLog();
        if (settings.membership().begins()) {
            new FirstVoter(member()).writeTo(log, folder);
        }
        channel = OutgoingRequests.channel(settings, metrics, context, threadName);
        gate = new VoteGate(new LeaderProbe(channel, this::refused), votes);
        timer = new SystemTimer(threadName + "-expiration");
        expirations = new TimingWheelExpirationService(timer);
        client =
                new RaftClientParts<>(
                                new MetadataRecordSerde(),
                                gate,
                                log,
                                expirations,
                                new SmallBuffers(),
                                context)
                        .client(
                                member(),
                                RaftConfig.quorum(
                                        settings.timing(), settings.membership().joins()));
        goneLeader =
                new GoneLeader(
                        id,
                        settings.node().clusterId(),
                        client,
                        (delayMs, task) -> {
                            var _ = scheduler.scheduleOnce("gone-leader", task, delayMs);
                        },
                        Time.SYSTEM::hiResClockMs,
                        new Random());
    }

    private void refused(int node) {
        goneLeader.refused(node);
    }

    /**
     * Whether what this node has voted is known. The only voter has nobody to break its word to,
     * and where voters come and go one with another folder is another voter (KIP-853).
     */
    private boolean hasVote() {
        try {
            MetadataFolder.requireLogOfSeveral(folder);
            Files.createDirectories(folder);
            return !settings.mayVote()
                    || settings.membership().voters().size() <= 1
                    || !new VoteMark(folder).begin();
        } catch (IOException e) {
            throw new StorageException(folder, "cannot be marked", e);
        }
    }

    /** Stands between this node and the other voters. */
    VoteGate gate() {
        return gate;
    }

    /** This node has its vote from now on. Blocks. */
    void takeVote() {
        try {
            new VoteMark(folder).clear();
        } catch (IOException e) {
            throw new StorageException(folder, "cannot be marked", e);
        }
        gate.open();
    }

    /** Does something now and then, on a thread of its own, until {@link #close}. */
    void every(long periodMs, Runnable task) {
        var _ = scheduler.schedule("recollection", task, periodMs, periodMs);
    }

    private RaftLog openLog() {
        try {
            return KafkaRaftLog.createLog(
                    PARTITION,
                    Uuid.METADATA_TOPIC_ID,
                    folder.toFile(),
                    Time.SYSTEM,
                    scheduler,
                    RaftConfig.log(),
                    settings.node().id());
        } catch (IOException e) {
            throw new StorageException(folder, "cannot open the metadata log", e);
        }
    }

    private RaftClientParts.Member member() {
        QuorumSettings.Node node = settings.node();
        InetSocketAddress own = settings.membership().own();
        return new RaftClientParts.Member(
                node.id(),
                kafkaUuid(node.directoryId()),
                node.clusterId(),
                own == null
                        ? Endpoints.empty()
                        : Endpoints.fromInetSocketAddresses(Map.of(OutgoingRequests.LISTENER, own)),
                settings.mayVote(),
                settings.membership().contacts());
    }

    private static Uuid kafkaUuid(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    @Override
    public KafkaRaftClient<MetadataRecord> client() {
        return client;
    }

    /** Where the controller of a node is reached, if it votes or leads; from any thread. */
    @Override
    public Optional<InetSocketAddress> address(int node) {
        if (!initialized) {
            return Optional.empty();
        }
        return client.voterNode(node, OutgoingRequests.LISTENER)
                .map(voter -> InetSocketAddress.createUnresolved(voter.host(), voter.port()))
                .or(() -> RaftClientParts.addressOfLeader(client, node, OutgoingRequests.LISTENER));
    }

    /** {@code kraft.version}: 0 has the voters of the configuration, 1 can change them. */
    @Override
    public short version() {
        return initialized ? client.kraftVersion().featureLevel() : 0;
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public void start(RaftClient.Listener<MetadataRecord> listener, FaultHandler faults) {
        Path votes = folder.resolve(FileQuorumStateStore.DEFAULT_FILE_NAME);
        client.initialize(
                settings.membership().voters(),
                new FileQuorumStateStore(votes.toFile()),
                metrics,
                ignoredStaticVoters -> {});
        initialized = true;
        client.register(listener);
        channel.start();
        driver = new KafkaRaftClientDriver<>(client, threadName, faults, context);
        driver.start();
    }

    @Override
    public void stop() {
        if (driver == null) {
            return;
        }
        var timing = settings.timing();
        var _ = client.shutdown(timing.electionTimeoutMs() + timing.requestTimeoutMs());
        try {
            driver.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        Utils.closeQuietly(expirations::shutdown, "expirations");
        Utils.closeQuietly(timer, "timer");
        gate.close();
        Utils.closeQuietly(scheduler::shutdown, "scheduler");
        Utils.closeQuietly(client, "consensus");
        Utils.closeQuietly(log, "metadata log");
        Utils.closeQuietly(metrics, "metrics");
    }
}
