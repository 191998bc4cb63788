package io.millrace.cluster.quorum.raft;

import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.simulation.disk.SimulatedCrash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.VoteRequestData;
import org.apache.kafka.common.message.VoteResponseData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;
import org.apache.kafka.raft.Endpoints;
import org.apache.kafka.raft.ExpirationService;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.apache.kafka.raft.NetworkChannel;
import org.apache.kafka.raft.RaftClient;
import org.apache.kafka.raft.RaftClientParts;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.RaftResponse;
import org.apache.kafka.raft.RaftUtil;
import org.apache.kafka.raft.SteppedClients;
import org.apache.kafka.server.fault.FaultHandler;
import org.jspecify.annotations.Nullable;

/**
 * One life of a voter: Kafka's consensus without threads, on the clock, the network and the disk of
 * a simulation. Crashes by being forgotten.
 */
public final class SimulatedRaft implements RaftEngine {
    private static final Path FOLDER = Path.of("/data/__cluster_metadata-0");
    private static final QuorumSettings.Timing TIMING = QuorumSettings.Timing.defaults();
    private static final int MOST_STEPS_AT_ONCE = 200;
    private static final String CLUSTER = "c";

    /** Of so many fetches one is refused by a machine whose process is alive. */
    private static final int FALSE_REFUSAL = 300;

    private final Voter voter;
    private final World world;
    private final SteppedQueue queue = new SteppedQueue(this::workSoon);
    private final Metrics metrics = new Metrics();
    private final SimulatedRaftLog log;
    private final KafkaRaftClient<MetadataRecord> client;
    private final RaftQuorum quorum;
    private final GoneLeader goneLeader;
    private final Random refusals;
    private @Nullable FaultHandler faults;
    private int correlation;
    private long workNumber;
    private boolean workIsDue;
    private boolean working;

    /**
     * Who it is.
     *
     * @param voters so many, with the ids from 1 on
     * @param votesAreSynced whether a vote is on the disk before it is given
     */
    public record Voter(
            int id, int voters, UUID directory, Disk disk, long seed, boolean votesAreSynced) {}

    /** What there is around it. What is put off is forgotten if this life ends. */
    public interface World {
        long nowMs();

        void later(long delayMs, Runnable task);

        /** Has a request answered by another voter; the answer may never come. */
        void ask(int to, Supplier<CompletionStage<ApiMessage>> there, Consumer<ApiMessage> answer);

        /** The raft of another voter that is running. */
        @Nullable SimulatedRaft raft(int id);

        /** A batch is known to be committed. */
        void committed(long baseOffset, int epoch, long checksum);

        /** This voter has given its vote. */
        void voted(int epoch, int candidate);

        /** This voter takes no part any more until it is started again. */
        void consensusFailed();

        /** Something happened that must not. */
        void violated(String what);
    }

    /** Opens the files. */
    public SimulatedRaft(Voter voter, World world, Executor metadataThread) {
        this.voter = voter;
        this.world = world;
        this.log = openLog();
        this.client =
                SteppedClients.client(
                        new RaftClientParts<>(
                                new MetadataRecordSerde(),
                                new Channel(),
                                log,
                                new Expirations(),
                                new SmallBuffers(),
                                new LogContext("[quorum node %d] ".formatted(voter.id()))),
                        new RaftClientParts.Member(
                                voter.id(),
                                kafkaUuid(voter.directory()),
                                CLUSTER,
                                Endpoints.fromInetSocketAddresses(
                                        Map.of(OutgoingRequests.LISTENER, addressOf(voter.id()))),
                                true,
                                List.of()),
                        new SteppedClients.Surroundings(
                                new Clock(), new Random(voter.seed()), queue),
                        RaftConfig.quorum(TIMING, false));
        this.quorum = new RaftQuorum(voter.id(), this, metadataThread);
        this.refusals = new Random(~voter.seed());
        this.goneLeader =
                new GoneLeader(voter.id(), CLUSTER, client, world::later, world::nowMs, refusals);
    }

    @Override
    public Optional<InetSocketAddress> address(int node) {
        return Optional.of(addressOf(node));
    }

    /** The voters are given. */
    @Override
    public short version() {
        return 0;
    }

    private SimulatedRaftLog openLog() {
        try {
            voter.disk().createFolder(FOLDER);
            voter.disk().syncFolder(Objects.requireNonNull(FOLDER.getParent()));
            return new SimulatedRaftLog(
                    voter.disk(),
                    FOLDER.resolve("00000000000000000000.log"),
                    new SimulatedRaftLog.Witness() {
                        @Override
                        public void committed(long baseOffset, int epoch, long checksum) {
                            world.committed(baseOffset, epoch, checksum);
                        }

                        @Override
                        public void cut(long offset, long highWatermark) {
                            world.violated(
                                    "voter %d cuts its log to %d, of which %d is committed"
                                            .formatted(voter.id(), offset, highWatermark));
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Uuid kafkaUuid(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private static InetSocketAddress addressOf(int id) {
        return InetSocketAddress.createUnresolved("node" + id, 9093);
    }

    /** The quorum, as the rest of a node sees it. */
    public RaftQuorum quorum() {
        return quorum;
    }

    /** The epoch in which this voter leads; empty if it does not. */
    public OptionalInt epochLed() {
        LeaderAndEpoch now = client.leaderAndEpoch();
        return now.isLeader(voter.id()) ? OptionalInt.of(now.epoch()) : OptionalInt.empty();
    }

    /** Whether a batch is in its log. */
    public boolean holds(long baseOffset, int epoch, long checksum) {
        return log.holds(baseOffset, epoch, checksum);
    }

    @Override
    public KafkaRaftClient<MetadataRecord> client() {
        return client;
    }

    @Override
    public Path folder() {
        return FOLDER;
    }

    @Override
    public void start(RaftClient.Listener<MetadataRecord> listener, FaultHandler handler) {
        var voters = new TreeMap<Integer, InetSocketAddress>();
        for (int id = 1; id <= voter.voters(); id++) {
            voters.put(id, addressOf(id));
        }
        var votes =
                new SimulatedVotes(
                        voter.disk(), FOLDER.resolve("quorum-state"), voter.votesAreSynced());
        client.initialize(voters, votes, metrics, ignoredStaticVoters -> {});
        client.register(listener);
        faults = handler;
        workSoon();
    }

    @Override
    public void stop() {
        faults = null;
    }

    @Override
    public void close() {}

    private void workSoon() {
        if (faults != null && !working && !workIsDue) {
            workIsDue = true;
            workIn(0);
        }
    }

    private void workIn(long delayMs) {
        long number = ++workNumber;
        world.later(
                delayMs,
                () -> {
                    if (number == workNumber) {
                        workIsDue = false;
                        work();
                    }
                });
    }

    /** Does what can be done now; then waits for a message, or the time that it says. */
    private void work() {
        FaultHandler told = faults;
        if (told == null) {
            return;
        }
        working = true;
        try {
            int steps = 0;
            do {
                client.poll();
                steps++;
            } while (steps < MOST_STEPS_AT_ONCE && (!queue.isEmpty() || queue.waitMs() == 0));
            working = false;
            workIn(Math.max(1, queue.waitMs()));
        } catch (SimulatedCrash e) {
            throw e;
        } catch (RuntimeException e) {
            fail(told, e);
        } finally {
            working = false;
        }
    }

    /**
     * As in production it is over until a restart: a disk that failed, or what Kafka's consensus
     * holds for impossible. Whether harm was done, the checks of what is committed say.
     */
    private void fail(FaultHandler told, RuntimeException e) {
        faults = null;
        world.consensusFailed();
        var _ = told.handleFault("the consensus of node %d fails".formatted(voter.id()), e);
    }

    private void tellVotes(ApiMessage asked, @Nullable ApiMessage answer) {
        if (asked instanceof VoteRequestData request && answer instanceof VoteResponseData given) {
            var vote = request.topics().getFirst().partitions().getFirst();
            boolean granted =
                    given.topics().stream()
                            .anyMatch(topic -> topic.partitions().getFirst().voteGranted());
            if (granted && !vote.preVote()) {
                world.voted(vote.replicaEpoch(), vote.replicaId());
            }
        }
    }

    private final class Clock implements Time {
        @Override
        public long milliseconds() {
            return world.nowMs();
        }

        @Override
        public long nanoseconds() {
            return world.nowMs() * 1_000_000;
        }

        @Override
        public void sleep(long ms) {
            throw new UnsupportedOperationException();
        }
    }

    private final class Expirations implements ExpirationService {
        @Override
        public <T> CompletableFuture<T> failAfter(long timeoutMs) {
            var failing = new CompletableFuture<T>();
            world.later(
                    timeoutMs,
                    () -> failing.completeExceptionally(new TimeoutException("it is over")));
            return failing;
        }
    }

    /** Requests to other voters; what is lost is answered by a timeout. */
    private final class Channel implements NetworkChannel {
        @Override
        public int newCorrelationId() {
            return correlation++;
        }

        @Override
        public CompletionStage<RaftResponse.Inbound> send(RaftRequest.Outbound request) {
            var answered = new CompletableFuture<RaftResponse.Inbound>();
            ApiKeys key = ApiKeys.forId(request.data().apiKey());
            int to = request.destination().id();
            ApiMessage asked = (ApiMessage) request.data().duplicate();
            if (key == ApiKeys.FETCH && isRefused(to)) {
                goneLeader.refused(to);
            }
            world.ask(
                    to,
                    () -> there(to, key, asked),
                    answer -> answered.complete(answer(request, answer)));
            world.later(
                    TIMING.requestTimeoutMs(),
                    () ->
                            answered.complete(
                                    answer(
                                            request,
                                            RaftUtil.errorResponse(
                                                    key, Errors.REQUEST_TIMED_OUT))));
            return answered;
        }

        /** Half of the processes that are gone leave a machine behind that says so. */
        private boolean isRefused(int to) {
            return world.raft(to) == null
                    ? refusals.nextBoolean()
                    : refusals.nextInt(FALSE_REFUSAL) == 0;
        }

        private CompletionStage<ApiMessage> there(int to, ApiKeys key, ApiMessage asked) {
            SimulatedRaft other = world.raft(to);
            if (other == null) {
                return new CompletableFuture<>();
            }
            CompletionStage<ApiMessage> answered =
                    other.quorum.handle(
                            OutgoingRequests.LISTENER.value(),
                            key.latestVersion(),
                            (ApiMessage) asked.duplicate());
            return answered.whenComplete((answer, failure) -> other.tellVotes(asked, answer));
        }

        private RaftResponse.Inbound answer(RaftRequest.Outbound request, ApiMessage data) {
            return new RaftResponse.Inbound(request.correlationId(), data, request.destination());
        }

        @Override
        public ListenerName listenerName() {
            return OutgoingRequests.LISTENER;
        }

        @Override
        public void close() {}
    }
}
