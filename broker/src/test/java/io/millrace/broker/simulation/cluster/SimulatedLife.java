package io.millrace.broker.simulation.cluster;

import com.google.protobuf.ByteString;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionId;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.broker.loop.Replication;
import io.millrace.broker.replica.FetchSettings;
import io.millrace.broker.replica.GoneNodes;
import io.millrace.broker.replica.LeaderLink;
import io.millrace.broker.replica.Replicas;
import io.millrace.cluster.ControllerSettings;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.NodeLife;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.quorum.raft.SimulatedRaft;
import io.millrace.cluster.replication.InSyncWish;
import io.millrace.cluster.replication.Joiners;
import io.millrace.cluster.replication.Terms;
import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.LogEvents;
import io.millrace.storage.LogOwner;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.flush.FlushQueue;
import io.millrace.storage.plan.Quarantine;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** A broker from its start to its end: the parts of production, put together as a broker does. */
final class SimulatedLife implements LeaderLink, SimulatedRaft.World, LogEvents {
    private static final long SESSION_MS = 2_000;
    private static final long HEARTBEAT_MS = 300;
    private static final long LAG_MS = 1_000;
    private static final long BALANCE_MS = 4_000;
    private static final long TICK_MS = 50;
    private static final long LOG_TICK_MS = 1_000;
    private static final long ANSWER_MS = 700;
    private static final int FETCH_WAIT_MS = 300;
    private static final int FETCH_BYTES = 600;
    private static final int BACKOFF_MS = 100;
    private static final Path FOLDER = SimulatedNode.DATA.resolve("t-0");

    private final SimulatedNode node;
    private final SimulatedCluster cluster;
    private final UUID incarnation;
    private final OwnerLoop loop;
    private final SimulatedRaft raft;
    private final MetadataService service;
    private final NodeLife membership;
    private final GoneNodes gone;
    private final Replicas replicas;
    private final LogEnvironment logs;
    private final LogConfig config;
    private @Nullable Partition partition;
    private final OldMessages old;
    private final Deque<Runnable> flushes = new ArrayDeque<>();
    private @Nullable Asked newestFetch;
    private boolean cutDue;
    private boolean ended;

    /** A fetch from a leader, and the epoch in which it was sent. */
    private record Asked(int epoch, CompletableFuture<FetchResponseData> answered) {}

    SimulatedLife(SimulatedNode node, SimulatedCluster cluster) {
        this.node = node;
        this.cluster = cluster;
        incarnation = cluster.randomId();
        old = new OldMessages(cluster.events);
        loop = SimulatedLoop.of(this::later, this::nowMs);
        raft =
                new SimulatedRaft(
                        new SimulatedRaft.Voter(
                                node.id,
                                cluster.nodes().size(),
                                node.directory,
                                node.disk,
                                cluster.events.random.nextLong(),
                                cluster.mistake != Mistake.VOTE_NOT_SYNCED),
                        this,
                        this::soon);
        service =
                new MetadataService(
                        raft.quorum(),
                        this::soon,
                        new ControllerSettings(
                                "c", node.id, Policy.DEFAULT, SESSION_MS, BALANCE_MS, 0),
                        this::askController,
                        this::nowMs);
        membership =
                new NodeLife(
                        service,
                        this::soon,
                        settings(),
                        why -> violated("node %d is refused: %s".formatted(node.id, why)));
        gone = new GoneNodes(service::image, this::submit, this::nowMs);
        replicas =
                new Replicas(
                        this,
                        new FetchSettings(
                                node.id, FETCH_WAIT_MS, 1 << 20, FETCH_BYTES, BACKOFF_MS, true),
                        ReplicaThrottle.ofFollower(service::image, node.id),
                        this::alter,
                        this::failed,
                        new SteppedExecutor(this::soon));
        logs =
                new LogEnvironment(
                        node.disk,
                        new FlushQueue(this::flush),
                        Durability.FSYNC,
                        Long.MAX_VALUE,
                        new DiskReserve(node.disk, SimulatedNode.DATA, 0),
                        this);
        var defaults = LogConfig.defaults();
        config =
                defaults.withSegment(
                        new LogConfig.Segments(
                                3_000,
                                defaults.segment().ms(),
                                0,
                                defaults.segment().indexBytes(),
                                200));
    }

    private NodeLife.Settings settings() {
        var registration = new Registration(0, incarnation, node.directory, true, false);
        return new NodeLife.Settings(
                new NodeImage(node.id, "host", 9092, "", registration),
                false,
                HEARTBEAT_MS,
                2 * SESSION_MS);
    }

    SimulatedRaft raft() {
        return raft;
    }

    MetadataService service() {
        return service;
    }

    @Nullable Partition partition() {
        return partition;
    }

    void start() {
        service.subscribe(this::published);
        service.start();
        membership.start();
        every(TICK_MS, this::tick);
        every(LOG_TICK_MS, this::tickLog);
    }

    void end() {
        ended = true;
    }

    @Override
    public long nowMs() {
        return cluster.events.nowMs();
    }

    /** An event of this life: nothing happens if it is over by then. */
    @Override
    public void later(long delayMs, Runnable task) {
        cluster.events.later(
                delayMs,
                () -> {
                    if (!ended) {
                        task.run();
                    }
                });
    }

    private void soon(Runnable task) {
        later(0, task);
    }

    private void every(long periodMs, Runnable task) {
        later(
                periodMs,
                () -> {
                    task.run();
                    every(periodMs, task);
                });
    }

    /** A sync takes its time. */
    private void flush(Runnable task) {
        boolean slow = !cluster.events.isCalm() && cluster.events.random.nextInt(10) == 0;
        flushes.add(task);
        later(
                1L + cluster.events.random.nextInt(slow ? 400 : 10),
                () -> {
                    if (flushes.remove(task)) {
                        task.run();
                    }
                });
        if (cutDue) {
            endFlushes();
        }
    }

    /**
     * Whoever cuts off a log waits for the sync that is under way, which nothing else ends then.
     */
    private void endFlushes() {
        while (!flushes.isEmpty()) {
            flushes.remove().run();
        }
    }

    private void tick() {
        service.tick();
        membership.tick(nowMs());
        Partition hosted = partition;
        if (hosted != null && !hosted.isOffline()) {
            replicas.tick(hosted);
        }
    }

    private void tickLog() {
        Partition hosted = partition;
        if (hosted != null && hosted.isOpen() && !hosted.isOffline()) {
            hosted.log().tick(nowMs());
        }
    }

    private void submit(Command command) {
        var _ = service.submit(List.of(command));
    }

    private CompletableFuture<Decision> alter(Partition of, InSyncWish wish) {
        return service.submit(
                        List.of(
                                new Command.AlterPartition(
                                        node.id,
                                        nodeEpoch(),
                                        of.id().topicId(),
                                        of.id().index(),
                                        wish.leaderEpoch(),
                                        wish.partitionEpoch(),
                                        wish.inSync(),
                                        wish.nodeEpochs())))
                .thenApply(outcome -> outcome.decisions().getFirst());
    }

    private CompletableFuture<Decision> failed(Partition of) {
        return service.submit(
                        List.of(
                                new Command.ReplicaFailed(
                                        node.id, nodeEpoch(), of.id().topicId(), of.id().index())))
                .thenApply(outcome -> outcome.decisions().getFirst());
    }

    /** Takes no part before its own registration is in the image. */
    private void published(ImageDelta delta) {
        ClusterImage image = delta.after();
        cluster.guarded(() -> cluster.truth.published(image));
        TopicImage topic = image.topic(SimulatedCluster.TOPIC_ID);
        if (nodeEpoch() < 0 || topic == null) {
            return;
        }
        int minimum = Policy.DEFAULT.of(image, topic.name()).minInSyncReplicas();
        boolean lenient = cluster.mistake == Mistake.MINIMUM_NOT_CHECKED;
        Terms terms = Terms.of(topic.partitions().getFirst(), lenient ? 1 : minimum);
        Partition hosted = partition;
        if (hosted == null) {
            hosted =
                    new Partition(
                            new PartitionId(topic.id(), topic.name(), 0),
                            loop,
                            new Replication(node.id, LAG_MS, replicas),
                            terms,
                            this::open);
            partition = hosted;
        }
        Partition told = hosted;
        told.execute(() -> {
            endFlushes();
            take(told, terms);
        });
        if (terms.leader() != node.id) {
            old.follows(terms.leaderEpoch());
        }
    }

    private static void take(Partition told, Terms terms) {
        try {
            told.take(terms);
        } catch (StorageException e) {
            told.offline(e);
        }
    }

    private PartitionLog open(LogOwner owner) {
        return PartitionLog.open(logs, FOLDER, config, owner, nowMs());
    }

    @Override
    public CompletableFuture<FetchResponseData> fetch(
            int leader, OwnerLoop from, FetchRequestData asked) {
        var sent = new Asked(epochOf(asked), new CompletableFuture<>());
        newestFetch = sent;
        Runnable delivery =
                ask(leader, asked, sent.answered(), answer -> answer(leader, sent, answer));
        old.sent(delivery, false);
        return sent.answered();
    }

    @Override
    public CompletableFuture<FetchResponseData> read(
            int from, OwnerLoop to, FetchRequestData asked) {
        var answered = new CompletableFuture<FetchResponseData>();
        ask(
                from,
                asked,
                answered,
                answer -> cluster.events.send(from, node.id, () -> took(answered, answer)));
        return answered;
    }

    /** Asks, unless the connection is refused; what is sent may come again. */
    private Runnable ask(
            int to,
            FetchRequestData asked,
            CompletableFuture<FetchResponseData> answered,
            Consumer<FetchResponseData> reply) {
        later(ANSWER_MS, () -> answered.completeExceptionally(new IOException("no answer came")));
        SimulatedNode other = cluster.node(to);
        Runnable delivery = () -> cluster.on(other, () -> other.fetchAsFollower(asked, reply));
        if (!other.isRunning() && cluster.events.reaches(node.id, to)) {
            var refused = new ConnectException("Connection refused");
            later(1, () -> answered.completeExceptionally(refused));
        } else {
            cluster.events.send(node.id, to, delivery);
        }
        return delivery;
    }

    private void answer(int leader, Asked asked, FetchResponseData answer) {
        Runnable delivery = () -> fetched(asked, answer);
        cluster.events.send(leader, node.id, delivery);
        boolean cuts = CutOffs.cuts(answer);
        old.sent(delivery, cuts);
        if (cuts) {
            cluster.cutsOff();
        }
    }

    /** In a session an epoch is told when it changes. */
    private int epochOf(FetchRequestData asked) {
        if (asked.topics().isEmpty()) {
            return newestFetch == null ? -1 : newestFetch.epoch();
        }
        return asked.topics().getFirst().partitions().getFirst().currentLeaderEpoch();
    }

    private void took(CompletableFuture<FetchResponseData> asked, FetchResponseData answer) {
        if (!ended) {
            asked.complete(answer.duplicate());
        }
    }

    private void fetched(Asked asked, FetchResponseData answer) {
        Asked newest = newestFetch;
        if (ended || newest == null) {
            return;
        }
        if (CutOffs.mayCut(answer)) {
            endFlushes();
            cutDue = true;
            later(1, () -> cutDue = false);
        }
        boolean mistaken =
                cluster.mistake == Mistake.EPOCH_NOT_CHECKED && asked.epoch() != newest.epoch();
        (mistaken ? newest : asked).answered().complete(answer.duplicate());
    }

    @Override
    public void unreachable(int leader, Throwable why) {
        gone.unreachable(leader, why);
    }

    @Override
    public long nodeEpoch() {
        NodeImage self = service.image().nodes().get(node.id);
        return self != null && self.registration().incarnation().equals(incarnation)
                ? self.registration().epoch()
                : -1;
    }

    @Override
    public boolean mayJoin(int id, long nodeEpoch) {
        return Joiners.of(service.image()).mayJoin(id, nodeEpoch);
    }

    private CompletableFuture<ByteString> askController(int to, ByteString request) {
        var answered = new CompletableFuture<ByteString>();
        later(ANSWER_MS, () -> answered.completeExceptionally(new IOException("no answer came")));
        carry(to, reply -> cluster.node(to).serve(request, reply), answered::complete);
        return answered;
    }

    @Override
    public void ask(
            int to, Supplier<CompletionStage<ApiMessage>> there, Consumer<ApiMessage> answer) {
        carry(
                to,
                reply -> {
                    var _ = there.get().thenAccept(reply);
                },
                answer);
    }

    /** Asks another node, and hears its answer if this life lasts until then. */
    private <T> void carry(int to, Consumer<Consumer<T>> there, Consumer<T> answer) {
        SimulatedNode other = cluster.node(to);
        cluster.events.send(
                node.id,
                to,
                () ->
                        cluster.on(
                                other,
                                () ->
                                        there.accept(reply ->
                                                cluster.events.send(
                                                        to, node.id, () -> hear(reply, answer)))));
    }

    private <T> void hear(T reply, Consumer<T> answer) {
        if (!ended) {
            answer.accept(reply);
        }
    }

    @Override
    public @Nullable SimulatedRaft raft(int id) {
        SimulatedLife living = cluster.node(id).life();
        return living == null ? null : living.raft;
    }

    @Override
    public void committed(long baseOffset, int epoch, long checksum) {
        cluster.guarded(() -> cluster.truth.committed(baseOffset, epoch, checksum));
    }

    @Override
    public void voted(int epoch, int candidate) {
        cluster.voted(node, epoch, candidate);
    }

    /** Somebody sees it, and starts the broker again. */
    @Override
    public void consensusFailed() {
        later(1_000, () -> cluster.crash(node, false));
    }

    @Override
    public void violated(String what) {
        cluster.guarded(() -> {
            throw new AssertionError(what);
        });
    }

    @Override
    public void tailTruncated(Path segment, long position, long bytesCut) {}

    @Override
    public void quarantined(Path folder, Quarantine.Range range) {
        cluster.quarantined(node, range);
    }

    @Override
    public void noticed(Path path, String what) {}
}
