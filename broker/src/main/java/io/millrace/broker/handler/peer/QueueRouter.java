package io.millrace.broker.handler.peer;

import io.millrace.broker.coordinator.QueueCoordinator;
import io.millrace.broker.coordinator.QueueCoordinator.Gathered;
import io.millrace.broker.coordinator.QueueCoordinator.Planned;
import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.loop.PartitionId;
import io.millrace.broker.proto.PeerAnswer;
import io.millrace.broker.proto.PeerCall;
import io.millrace.broker.proto.PlanCall;
import io.millrace.broker.queue.QueueReply;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.QueueSettings;
import io.millrace.broker.queue.model.QueueView;
import io.millrace.broker.queue.partition.SharePartition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The queues of the cluster: asks the shard of a share partition, here or on the broker that leads
 * it, as the metadata says now. Answers come on some event loop, whichever; where nobody can be
 * asked, at once. Thread-safe; never blocks.
 */
public final class QueueRouter {
    private static final int MOST_HELD = 100;
    private static final int NONE_YET = -1;

    private final QueueCoordinator here;
    private final PeerCalls calls;

    /**
     * @param here the queues whose shards this broker leads
     */
    public QueueRouter(QueueCoordinator here, LeaderPeers leaders) {
        this.here = here;
        this.calls = new PeerCalls(leaders);
    }

    private boolean isElsewhere(int shard) {
        return shard != NONE_YET && calls.leaders().isElsewhere(Topics.SHARE_STATE, shard);
    }

    private <V> void ask(int shard, PeerCall call, Function<PeerAnswer, V> read, Consumer<V> then) {
        calls.ask(calls.leaders().leaderOf(Topics.SHARE_STATE, shard), call, read, then);
    }

    /** Whether another broker leads a partition, or none does. */
    public boolean isElsewhere(PartitionId partition) {
        return calls.leaders().isElsewhere(partition.topic(), partition.index());
    }

    /** How a share partition behaves, now. */
    public QueueSettings settings(QueueKey key) {
        return here.settings(key);
    }

    /** Handles a request. If the answer is COORDINATOR_NOT_AVAILABLE, it may have been done. */
    public void handle(QueueRequest request, Consumer<QueueReply> then) {
        int shard = here.shardOf(request.key());
        if (isElsewhere(shard)) {
            boolean acquires = request instanceof QueueRequest.Acquire;
            ask(
                    shard,
                    Calls.of(request),
                    answer -> acquires ? Answers.held(answer) : Answers.plain(answer),
                    then);
        } else {
            here.handle(request, then);
        }
    }

    /** What a consumer might be given of {@code most} records. */
    public void plan(QueueKey key, int most, long nowMs, Consumer<Planned> then) {
        int shard = here.shardOf(key);
        if (isElsewhere(shard)) {
            var call = PlanCall.newBuilder().setQueue(Names.of(key)).setMost(most);
            ask(
                    shard,
                    PeerCall.newBuilder().setPlan(call).build(),
                    answer -> Answers.planned(answer, nowMs),
                    then);
        } else {
            here.plan(key, most, nowMs, then);
        }
    }

    /** Where the queues of a group are; with an error, those of some shards are missing. */
    public void offsets(String group, BiConsumer<List<Gathered<PartitionLag>>, QueueError> then) {
        gather(
                PeerCall.newBuilder().setOffsets(group).build(),
                Answers::offsets,
                gathered(here, group, PartitionLag::of),
                then);
    }

    /** What the queues of a group look like; with an error, those of some shards are missing. */
    public void views(String group, BiConsumer<List<Gathered<QueueView>>, QueueError> then) {
        gather(
                PeerCall.newBuilder().setViews(group).build(),
                Looks::views,
                viewsHere(here, group),
                then);
    }

    /** What one broker knows of a group's queues. */
    record Part<V>(List<Gathered<V>> found, QueueError error) {}

    static CompletableFuture<Part<PartitionLag>> offsetsHere(QueueCoordinator here, String group) {
        return gathered(here, group, PartitionLag::of);
    }

    static CompletableFuture<Part<QueueView>> viewsHere(QueueCoordinator here, String group) {
        return gathered(here, group, partition -> partition.view(MOST_HELD));
    }

    private static <V> CompletableFuture<Part<V>> gathered(
            QueueCoordinator here, String group, Function<SharePartition, V> read) {
        var part = new CompletableFuture<Part<V>>();
        here.gather(
                key -> key.group().equals(group),
                read,
                (found, error) -> part.complete(new Part<>(found, error)));
        return part;
    }

    private <V> void gather(
            PeerCall call,
            Function<PeerAnswer, Part<V>> read,
            CompletableFuture<Part<V>> own,
            BiConsumer<List<Gathered<V>>, QueueError> then) {
        LeaderPeers.Leading leading = calls.leaders().leading(Topics.SHARE_STATE);
        var parts = new ArrayList<CompletableFuture<Part<V>>>();
        parts.add(own);
        leading.others()
                .forEach(broker -> {
                    var part = new CompletableFuture<Part<V>>();
                    parts.add(part);
                    calls.ask(broker, call, read, part::complete);
                });
        QueueError missing =
                leading.isComplete() ? QueueError.NONE : QueueError.COORDINATOR_NOT_AVAILABLE;
        var _ =
                CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                        .thenRun(() -> merge(parts, missing, then))
                        .exceptionally(PeerCalls::failed);
    }

    private static <V> void merge(
            List<CompletableFuture<Part<V>>> parts,
            QueueError missing,
            BiConsumer<List<Gathered<V>>, QueueError> then) {
        var found = new ArrayList<Gathered<V>>();
        QueueError error = missing;
        for (CompletableFuture<Part<V>> part : parts) {
            found.addAll(part.join().found());
            error = part.join().error() == QueueError.NONE ? error : part.join().error();
        }
        then.accept(found, error);
    }

    /** Runs a waiter whenever a share partition may have something new; from any thread. */
    public void watch(QueueKey key, Runnable waiter) {
        here.watch(key, waiter);
    }

    /** Forgets a waiter; nothing happens if it is not known. */
    public void unwatch(QueueKey key, Runnable waiter) {
        here.unwatch(key, waiter);
    }
}
