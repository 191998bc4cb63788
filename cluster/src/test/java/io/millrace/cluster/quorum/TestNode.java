package io.millrace.cluster.quorum;

import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.ProducerIdsAllocated;
import io.millrace.cluster.quorum.raft.QuorumSettings;
import io.millrace.cluster.quorum.raft.RaftQuorum;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.VoteRequestData;
import org.apache.kafka.common.message.VoteResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.raft.RaftUtil;
import org.apache.kafka.raft.ReplicaKey;

/** One node of a quorum: its thread, its listener, and what it was told. */
final class TestNode implements MetadataQuorum.Listener, AutoCloseable {
    private final int id;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final ControllerListener server;
    private final RaftQuorum quorum;

    /** The numbers that records were made of, in the order in which they were told. */
    final List<Long> told = new CopyOnWriteArrayList<>();

    /** What was told of leaders: "leads 5", "follows 2 in 5", "follows - in 5". */
    final List<String> leaders = new CopyOnWriteArrayList<>();

    volatile boolean leads;
    volatile long endOffset;
    final AtomicInteger snapshots = new AtomicInteger();
    final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    TestNode(QuorumSettings settings, ControllerListener server, VoterLink others) {
        this.id = settings.node().id();
        this.server = server;
        quorum = new RaftQuorum(settings, thread, others);
        server.serve(quorum);
        on(() -> {
            quorum.start(this);
            return id;
        });
    }

    int id() {
        return id;
    }

    private <T> T on(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, thread).join();
    }

    static MetadataRecord record(long number) {
        return MetadataRecord.newBuilder()
                .setProducerIdsAllocated(
                        ProducerIdsAllocated.newBuilder().setNextProducerId(number))
                .build();
    }

    CompletableFuture<Long> propose(long number) {
        return on(() -> quorum.propose(List.of(record(number))));
    }

    CompletableFuture<Long> propose(List<MetadataRecord> records) {
        return on(() -> quorum.propose(records));
    }

    /** Proposes numbers one by one, as fast as the metadata thread can. */
    List<CompletableFuture<Long>> proposeEach(List<Long> numbers) {
        return on(() ->
                numbers.stream().map(number -> quorum.propose(List.of(record(number)))).toList());
    }

    /** As another node hears it; fails if this one has stopped. */
    CompletableFuture<Standing> standing() {
        try {
            return CompletableFuture.supplyAsync(quorum::standing, thread);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Whether it gives its vote to a candidate whose log is longer than any. */
    boolean grantsVoteTo(int candidate, int epoch) {
        VoteRequestData request =
                RaftUtil.singletonVoteRequest(
                        Topic.CLUSTER_METADATA_TOPIC_PARTITION,
                        "a-cluster",
                        epoch,
                        ReplicaKey.of(candidate, ReplicaKey.NO_DIRECTORY_ID),
                        ReplicaKey.of(id, ReplicaKey.NO_DIRECTORY_ID),
                        epoch - 1,
                        Long.MAX_VALUE,
                        false);
        var answer =
                (VoteResponseData)
                        quorum.handle("CONTROLLER", ApiKeys.VOTE.latestVersion(), request).join();
        return answer.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .anyMatch(VoteResponseData.PartitionData::voteGranted);
    }

    OptionalInt leader() {
        return on(quorum::leader);
    }

    QuorumDescription describe() {
        return on(quorum::describe).join();
    }

    /** Has the quorum here answer a request, as one from elsewhere. */
    ApiMessage ask(ApiKeys api, ApiMessage request) {
        return quorum.handle(ControllerListener.NAME, api.latestVersion(), request).join();
    }

    CompletableFuture<Void> upgrade(int level) {
        return quorum.upgrade((short) level, false);
    }

    short version() {
        return quorum.version();
    }

    Optional<InetSocketAddress> addressOf(int node) {
        return quorum.address(node);
    }

    void snapshot() {
        on(() -> {
            quorum.snapshot(told.stream().map(TestNode::record).iterator(), endOffset);
            return id;
        });
    }

    @Override
    public void restored(Iterator<MetadataRecord> records, long end) {
        var numbers = new ArrayList<Long>();
        records.forEachRemaining(
                record -> numbers.add(record.getProducerIdsAllocated().getNextProducerId()));
        told.clear();
        told.addAll(numbers);
        endOffset = end;
        snapshots.incrementAndGet();
    }

    @Override
    public void committed(List<MetadataRecord> records, long end) {
        records.forEach(record -> told.add(record.getProducerIdsAllocated().getNextProducerId()));
        endOffset = end;
    }

    @Override
    public void leading(int epoch) {
        leaders.add("leads " + epoch);
        leads = true;
    }

    @Override
    public void following(OptionalInt leader, int epoch) {
        leaders.add(
                "follows %s in %d".formatted(leader.isPresent() ? leader.getAsInt() : "-", epoch));
        leads = false;
    }

    @Override
    public void failed(Throwable cause) {
        failure.complete(cause);
    }

    @Override
    public void close() {
        on(() -> {
            quorum.close();
            return id;
        });
        server.close();
        thread.shutdown();
    }
}
