package io.millrace.cluster.quorum.raft;

import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.MetadataQuorum;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.QuorumException;
import io.millrace.cluster.quorum.Standing;
import io.millrace.cluster.quorum.VoterLink;
import io.millrace.cluster.quorum.raft.channel.VoteGate;
import io.millrace.storage.StorageException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.raft.Batch;
import org.apache.kafka.raft.BatchReader;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.apache.kafka.raft.RaftClient;
import org.apache.kafka.raft.RaftMessage;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.errors.NotLeaderException;
import org.apache.kafka.server.common.KRaftVersion;
import org.apache.kafka.server.common.OffsetAndEpoch;
import org.apache.kafka.snapshot.SnapshotReader;
import org.apache.kafka.snapshot.SnapshotWriter;
import org.jspecify.annotations.Nullable;

/**
 * A quorum of several nodes: committed means synced on a majority of the voters.
 *
 * <p>All but {@link #handle} is called on the metadata thread, which must run tasks until {@link
 * #close} has returned.
 */
public final class RaftQuorum implements MetadataQuorum {
    private static final int SNAPSHOT_BYTES_AT_ONCE = 512 << 10;
    private static final int NO_CORRELATION = 0;

    private final int nodeId;
    private final Executor thread;
    private final RaftEngine node;
    private final KafkaRaftClient<MetadataRecord> client;
    private final Proposals proposals = new Proposals();
    private final @Nullable VoteRecollection recollection;
    private final Upgrades upgrades = new Upgrades();

    /** Done once nobody answers requests any more; looked at by any thread. */
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private @Nullable Listener listener;
    private Progress told = Progress.NONE;
    private OptionalInt leader = OptionalInt.empty();
    private int epoch;
    private @Nullable Throwable fault;
    private boolean closed;

    /** How far the listener has been told. */
    private record Progress(OffsetAndEpoch end, long timestampMs) {
        private static final Progress NONE = new Progress(new OffsetAndEpoch(0, 0), 0);
    }

    /**
     * Opens the log in {@code __cluster_metadata-0} of the data folder. Blocks. What comes by
     * {@link #handle} waits until {@link #start}.
     *
     * @param thread the metadata thread
     * @param others asks the other voters how they stand, if this node's folder is new
     */
    public RaftQuorum(QuorumSettings settings, Executor thread, VoterLink others) {
        var raft = new RaftNode(settings);
        this(
                settings.node().id(),
                raft,
                thread,
                new VoteRecollection(settings, raft, others, thread));
    }

    /** A quorum whose nodes never lose what they voted. */
    RaftQuorum(int nodeId, RaftEngine node, Executor thread) {
        this(nodeId, node, thread, null);
    }

    private RaftQuorum(
            int nodeId, RaftEngine node, Executor thread, @Nullable VoteRecollection recollection) {
        this.nodeId = nodeId;
        this.recollection = recollection;
        this.thread = thread;
        this.node = node;
        this.client = node.client();
    }

    @Override
    public void start(Listener starting) {
        listener = starting;
        node.start(new HandOver(), this::onFault);
        if (recollection != null) {
            recollection.begin(() -> told.end().offset());
        }
    }

    @Override
    public Standing standing() {
        LeaderAndEpoch known = client.leaderAndEpoch();
        return new Standing(
                recollection == null || recollection.hasVote(),
                known.epoch(),
                known.isLeader(nodeId),
                client.logEndOffset());
    }

    @Override
    public OptionalInt leader() {
        return leader;
    }

    /** The same, as the consensus has it at this moment; from any thread. */
    public OptionalInt leaderNow() {
        return client.leaderAndEpoch().leaderId();
    }

    /**
     * Where a node's controller is reached: that of a voter or of the leader. Empty of any other,
     * and before {@link #start}. From any thread.
     */
    public Optional<InetSocketAddress> address(int node) {
        return this.node.address(node);
    }

    /**
     * {@code kraft.version} of the log here: at 0 the voters are those of the configuration, from 1
     * on they may change (KIP-853). From any thread.
     */
    public short version() {
        return node.version();
    }

    /**
     * Raises {@link #version}, for good. Done once that is committed. Fails with a {@link
     * NotControllerException} if this node does not lead, and with Kafka's own exception if the
     * level is refused. From any thread.
     *
     * @param tries whether to say only if it could be
     */
    public CompletableFuture<Void> upgrade(short level, boolean tries) {
        return CompletableFuture.completedFuture(level)
                .thenComposeAsync(wanted -> upgradeHere(wanted, tries), thread);
    }

    private CompletableFuture<Void> upgradeHere(short level, boolean tries) {
        if (!leads() || closed) {
            return CompletableFuture.failedFuture(new NotControllerException(leader, epoch));
        }
        try {
            short before = version();
            client.upgradeKRaftVersion(epoch, KRaftVersion.fromFeatureLevel(level), tries);
            return tries || level == before
                    ? CompletableFuture.completedFuture(null)
                    : upgrades.add();
        } catch (NotLeaderException e) {
            return CompletableFuture.failedFuture(
                    new NotControllerException(OptionalInt.empty(), epoch));
        } catch (KafkaException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private boolean leads() {
        return leader.equals(OptionalInt.of(nodeId));
    }

    @Override
    public CompletableFuture<Long> propose(List<MetadataRecord> records) {
        if (fault != null) {
            return CompletableFuture.failedFuture(
                    new QuorumException("this node's part of the quorum has failed", fault));
        }
        if (!leads() || closed) {
            return CompletableFuture.failedFuture(new NotControllerException(leader, epoch));
        }
        try {
            long lastOffset = client.prepareAppend(epoch, records);
            client.schedulePreparedAppend();
            return proposals.add(lastOffset, epoch);
        } catch (NotLeaderException e) {
            return CompletableFuture.failedFuture(
                    new NotControllerException(OptionalInt.empty(), epoch));
        } catch (KafkaException | IllegalStateException e) {
            return CompletableFuture.failedFuture(
                    new QuorumException("the quorum does not take the records", e));
        }
    }

    @Override
    public void snapshot(Iterator<MetadataRecord> records, long endOffset) {
        if (endOffset != told.end().offset()) {
            throw new IllegalArgumentException(
                    "the listener was told up to offset %d, the snapshot ends at %d"
                            .formatted(told.end().offset(), endOffset));
        }
        try {
            var writer = client.createSnapshot(told.end(), told.timestampMs()).orElse(null);
            if (writer != null) {
                write(records, writer);
            }
        } catch (UncheckedIOException | KafkaException e) {
            throw new StorageException(node.folder(), "cannot write the metadata snapshot", e);
        }
    }

    private static void write(
            Iterator<MetadataRecord> records, SnapshotWriter<MetadataRecord> writer) {
        try (writer) {
            var some = new ArrayList<MetadataRecord>();
            int bytes = 0;
            while (records.hasNext()) {
                MetadataRecord next = records.next();
                some.add(next);
                bytes += next.getSerializedSize();
                if (bytes >= SNAPSHOT_BYTES_AT_ONCE || !records.hasNext()) {
                    writer.append(List.copyOf(some));
                    some.clear();
                    bytes = 0;
                }
            }
            writer.freeze();
        }
    }

    @Override
    public CompletableFuture<QuorumDescription> describe() {
        var seen =
                new QuorumDescription(leader, epoch, client.highWatermark(), List.of(), List.of());
        if (!leads() || closed) {
            return CompletableFuture.completedFuture(seen);
        }
        return handle(
                        OutgoingRequests.LISTENER.value(),
                        Descriptions.VERSION,
                        Descriptions.request())
                .thenApply(answer -> Descriptions.read(answer, seen));
    }

    /**
     * Answers a request that came to the controller's listener: VOTE, BEGIN_QUORUM_EPOCH,
     * END_QUORUM_EPOCH, FETCH of the metadata log, FETCH_SNAPSHOT, DESCRIBE_QUORUM, ADD_RAFT_VOTER,
     * REMOVE_RAFT_VOTER or UPDATE_RAFT_VOTER. From any thread; does not block. The answer comes on
     * one of the quorum's threads, a fetch's after up to its own wait, with its records in memory.
     * Keep calling while {@link #close} is under way, which hears of the next leader by it. Fails
     * after that; what was not answered by then never is.
     *
     * @param listener the listener's name; answers name other nodes' addresses on it
     * @param apiVersion the request's
     */
    public CompletableFuture<ApiMessage> handle(
            String listener, short apiVersion, ApiMessage request) {
        if (ended.isDone()) {
            return CompletableFuture.failedFuture(
                    new QuorumException("this node takes no part in the quorum any more", null));
        }
        if (recollection != null && !recollection.lets(request)) {
            return CompletableFuture.completedFuture(VoteGate.refusal(request));
        }
        var inbound =
                new RaftRequest.Inbound(
                        new ListenerName(listener),
                        NO_CORRELATION,
                        apiVersion,
                        request,
                        Time.SYSTEM.milliseconds());
        return client.handle(inbound)
                .thenApply(RaftMessage::data)
                .thenApply(RecordsInMemory::of)
                .toCompletableFuture();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (recollection != null) {
            recollection.end();
        }
        node.stop();
        ended.complete(null);
        proposals.fail(new NotControllerException(OptionalInt.empty(), epoch));
        upgrades.fail(new NotControllerException(OptionalInt.empty(), epoch));
        leader = OptionalInt.empty();
        node.close();
    }

    private void committed(BatchReader<MetadataRecord> reader) {
        try (reader) {
            if (closed) {
                return;
            }
            var read = new CommittedBatches(proposals);
            while (reader.hasNext()) {
                read.add(reader.next());
            }
            if (read.isEmpty()) {
                return;
            }
            told = new Progress(read.end(), read.timestampMs());
            Objects.requireNonNull(listener).committed(read.records(), read.end().offset());
            read.settle(new NotControllerException(leader, epoch));
            if (read.hasVersion()) {
                upgrades.committed();
            }
        }
    }

    private void restored(SnapshotReader<MetadataRecord> reader) {
        try (reader) {
            if (closed) {
                return;
            }
            OffsetAndEpoch end = reader.snapshotId();
            told = new Progress(end, reader.lastContainedLogTimestamp());
            Iterable<Batch<MetadataRecord>> batches = () -> reader;
            Iterator<MetadataRecord> records =
                    StreamSupport.stream(batches.spliterator(), false)
                            .flatMap(batch -> batch.records().stream())
                            .iterator();
            Objects.requireNonNull(listener).restored(records, end.offset());
        }
    }

    private void leaderChanged(OptionalInt nextLeader, int nextEpoch) {
        if (closed) {
            return;
        }
        leader = nextLeader;
        epoch = nextEpoch;
        proposals.fail(new NotControllerException(nextLeader, nextEpoch));
        upgrades.fail(new NotControllerException(nextLeader, nextEpoch));
        if (leads()) {
            Objects.requireNonNull(listener).leading(nextEpoch);
        } else {
            Objects.requireNonNull(listener).following(nextLeader, nextEpoch);
        }
    }

    /** On the driver's thread, which ends with it: the other nodes go on without this one. */
    private RuntimeException onFault(String what, Throwable cause) {
        thread.execute(() -> {
            fault = cause;
            leaderChanged(OptionalInt.empty(), epoch);
            if (!closed) {
                Objects.requireNonNull(listener).failed(cause);
            }
        });
        return new QuorumException(what, cause);
    }

    /** Takes what the driver's thread has to tell over to the metadata thread. */
    private final class HandOver implements RaftClient.Listener<MetadataRecord> {
        @Override
        public void handleCommit(BatchReader<MetadataRecord> reader) {
            thread.execute(() -> committed(reader));
        }

        @Override
        public void handleLoadSnapshot(SnapshotReader<MetadataRecord> reader) {
            thread.execute(() -> restored(reader));
        }

        /** Kafka's formatting tool leaves records for the first start; ours leaves none. */
        @Override
        public void handleLoadBootstrap(SnapshotReader<MetadataRecord> reader) {
            reader.close();
        }

        @Override
        public void handleLeaderChange(LeaderAndEpoch next) {
            thread.execute(() -> leaderChanged(next.leaderId(), next.epoch()));
        }
    }
}
