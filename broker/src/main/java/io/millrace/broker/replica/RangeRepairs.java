package io.millrace.broker.replica;

import io.millrace.broker.loop.Partition;
import io.millrace.broker.wire.Uuids;
import io.millrace.storage.BackgroundWork;
import io.millrace.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
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
 * Fetches quarantined ranges of the logs here, led or followed, from other replicas, as a consumer
 * would: what is below the high watermark there and here is the same everywhere. One range of a
 * partition at a time; what belongs to a partition happens on its loop, the copying of segments on
 * a thread of its own.
 */
final class RangeRepairs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RangeRepairs.class);
    private static final int CONSUMER = -1;
    private static final int ANSWER_BYTES = 1 << 20;

    private final LeaderLink link;
    private final int self;
    private final Map<Partition, RepairChoice> choices = new ConcurrentHashMap<>();
    private final ExecutorService copying;

    /**
     * @param copying copies segments; shut down when this is closed
     */
    RangeRepairs(LeaderLink link, int self, ExecutorService copying) {
        this.link = link;
        this.self = self;
        this.copying = copying;
    }

    /** Begins a repair, if there is something to repair and somebody to ask. On the loop. */
    void tick(Partition partition) {
        if (!partition.isOpen() || partition.log().quarantined().isEmpty()) {
            choices.remove(partition);
            return;
        }
        RepairChoice choice = choices.computeIfAbsent(partition, _ -> new RepairChoice(self));
        choice.next(
                        partition.terms(),
                        partition.log().quarantined(),
                        partition.highWatermark(),
                        partition.loop().nowMs())
                .ifPresent(next -> begin(partition, choice, next));
    }

    private void begin(Partition partition, RepairChoice choice, RepairChoice.Next next) {
        try {
            partition
                    .log()
                    .planRepair(next.range())
                    .ifPresentOrElse(
                            repair -> {
                                choice.begun();
                                fetch(new Running(partition, choice, repair, next.source()));
                            },
                            choice::passed);
        } catch (StorageException e) {
            LOG.error("{}: {}", partition.id(), e.getMessage());
            choice.failed(partition.loop().nowMs());
        }
    }

    private record Running(
            Partition partition, RepairChoice choice, BackgroundWork.Repair repair, int source) {
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
        failed(running);
    }

    private static void failed(Running running) {
        long nowMs = running.partition().loop().nowMs();
        if (running.repair().isOfNeighbour()) {
            running.choice().failedBeside(nowMs);
        } else {
            running.choice().failed(nowMs);
        }
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
                failed(running);
                return;
            }
            running.choice().done();
            LOG.warn("{}: {}, from node {}", running.partition().id(), done, running.source());
        } catch (StorageException e) {
            LOG.error("{}: {}", running.partition().id(), e.getMessage());
            failed(running);
        }
    }

    /** Begins no copying any more. Does not wait: what is half written is deleted by recovery. */
    @Override
    public void close() {
        copying.shutdown();
    }
}
