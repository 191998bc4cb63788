package io.millrace.broker.replica;

import io.millrace.broker.loop.Partition;
import io.millrace.broker.wire.Uuids;
import io.millrace.storage.BackgroundWork;
import io.millrace.storage.StorageException;
import io.millrace.storage.plan.Quarantine;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches quarantined ranges of the logs here from other replicas, as a consumer would: what is
 * below the high watermark there and here is the same everywhere. One range of a partition at a
 * time; what belongs to a partition happens on its loop, the copying of segments on a thread of its
 * own.
 */
final class RangeRepairs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RangeRepairs.class);
    private static final int CONSUMER = -1;
    private static final int ANSWER_BYTES = 1 << 20;
    private static final long RETRY_MS = 5_000;

    private final LeaderLink link;
    private final int self;
    private final Map<Partition, Attempt> attempts = new ConcurrentHashMap<>();
    private final ExecutorService copying =
            Executors.newSingleThreadExecutor(new DefaultThreadFactory("repair", true));

    /** What is known of the repairs of a partition; touched by its loop. */
    private static final class Attempt {
        int tries;
        long notBeforeMs = Long.MIN_VALUE;
        boolean busy;
    }

    RangeRepairs(LeaderLink link, int self) {
        this.link = link;
        this.self = self;
    }

    /** Begins a repair, if there is something to repair and somebody to ask. On the loop. */
    void tick(Partition partition) {
        if (!partition.isOpen() || partition.log().quarantined().isEmpty()) {
            attempts.remove(partition);
            return;
        }
        Attempt attempt = attempts.computeIfAbsent(partition, _ -> new Attempt());
        List<Integer> sources = sources(partition);
        if (attempt.busy || sources.isEmpty() || partition.loop().nowMs() < attempt.notBeforeMs) {
            return;
        }
        int source = sources.get(attempt.tries % sources.size());
        List<Quarantine.Range> committed =
                partition.log().quarantined().stream()
                        .filter(range -> range.endOffset() <= partition.highWatermark())
                        .toList();
        if (committed.isEmpty()) {
            return;
        }
        try {
            partition
                    .log()
                    .planRepair(committed.get(attempt.tries % committed.size()))
                    .ifPresentOrElse(
                            repair -> {
                                attempt.busy = true;
                                fetch(new Running(partition, attempt, repair, source));
                            },
                            () -> attempt.tries++);
        } catch (StorageException e) {
            LOG.error("{}: {}", partition.id(), e.getMessage());
            rest(partition, attempt);
        }
    }

    /** Who may have it: whoever is followed first, then those in sync, then the others. */
    private List<Integer> sources(Partition partition) {
        var sources = new LinkedHashSet<Integer>();
        sources.add(partition.terms().leader());
        sources.addAll(partition.terms().inSyncReplicas());
        sources.addAll(partition.terms().replicas());
        sources.removeIf(node -> node == self || node < 0);
        return new ArrayList<>(sources);
    }

    private record Running(
            Partition partition, Attempt attempt, BackgroundWork.Repair repair, int source) {
        boolean isOver() {
            return partition.isDeleted() || partition.isOffline() || !partition.isHosted();
        }
    }

    private void fetch(Running running) {
        var wanted =
                new FetchPartition()
                        .setPartition(running.partition().id().index())
                        .setFetchOffset(running.repair().nextOffset())
                        .setPartitionMaxBytes(ANSWER_BYTES);
        var request =
                new FetchRequestData()
                        .setMaxWaitMs(0)
                        .setMinBytes(0)
                        .setMaxBytes(ANSWER_BYTES)
                        .setSessionEpoch(FetchMetadata.FINAL_EPOCH)
                        .setTopics(
                                List.of(
                                        new FetchTopic()
                                                .setTopicId(
                                                        Uuids.toWire(
                                                                running.partition().id().topicId()))
                                                .setPartitions(List.of(wanted))));
        request.replicaState().setReplicaId(CONSUMER);
        var _ =
                link.read(running.source(), running.partition().loop(), request)
                        .whenComplete((answer, failure) ->
                                running.partition().execute(() -> answered(running, answer)));
    }

    private void answered(Running running, @Nullable FetchResponseData answer) {
        try {
            ByteBuffer records = running.isOver() ? null : recordsOf(answer);
            if (records == null) {
                giveUp(running, "it does not have it, or does not answer");
                return;
            }
            String refusal = running.repair().take(records);
            if (!refusal.isEmpty()) {
                giveUp(running, refusal);
            } else if (running.repair().isComplete()) {
                copying.execute(() -> copy(running));
            } else {
                fetch(running);
            }
        } catch (RejectedExecutionException e) {
            giveUp(running, "this broker is stopping");
        } catch (StorageException e) {
            giveUp(running, String.valueOf(e.getMessage()));
        }
    }

    /** The records of the one partition that was asked for; null if there are none. */
    private static @Nullable ByteBuffer recordsOf(@Nullable FetchResponseData answer) {
        if (answer == null
                || answer.errorCode() != Errors.NONE.code()
                || answer.responses().size() != 1
                || answer.responses().getFirst().partitions().size() != 1) {
            return null;
        }
        PartitionData data = answer.responses().getFirst().partitions().getFirst();
        return data.errorCode() == Errors.NONE.code()
                        && data.records() instanceof MemoryRecords records
                        && records.sizeInBytes() > 0
                ? records.buffer()
                : null;
    }

    private void giveUp(Running running, String why) {
        LOG.warn(
                "{}: what is quarantined from offset {} on is not repaired from node {}: {}",
                running.partition().id(),
                running.repair().nextOffset(),
                running.source(),
                why);
        try {
            running.repair().abandon();
        } catch (StorageException e) {
            LOG.error("{}: {}", running.partition().id(), e.getMessage());
        }
        rest(running.partition(), running.attempt());
    }

    private static void rest(Partition partition, Attempt attempt) {
        attempt.busy = false;
        attempt.tries++;
        attempt.notBeforeMs = partition.loop().nowMs() + RETRY_MS;
    }

    private static void copy(Running running) {
        try {
            running.repair().run();
        } catch (StorageException e) {
            LOG.error("{}: {}", running.partition().id(), e.getMessage());
        } finally {
            running.partition().execute(() -> finish(running));
        }
    }

    private static void finish(Running running) {
        try {
            if (running.isOver()) {
                running.repair().abandon();
                return;
            }
            String done = running.repair().finish();
            if (done.isEmpty()) {
                rest(running.partition(), running.attempt());
                return;
            }
            running.attempt().busy = false;
            LOG.warn("{}: {} from node {}", running.partition().id(), done, running.source());
        } catch (StorageException e) {
            LOG.error("{}: {}", running.partition().id(), e.getMessage());
            rest(running.partition(), running.attempt());
        }
    }

    /** Begins no copying any more. Does not wait: what is half written is deleted by recovery. */
    @Override
    public void close() {
        copying.shutdown();
    }
}
