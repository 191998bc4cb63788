package io.millrace.broker.replica;

import io.millrace.broker.loop.Partition;
import io.millrace.cluster.replication.FollowerReplica;
import io.millrace.cluster.replication.FollowerReplica.Answer;
import io.millrace.cluster.replication.FollowerReplica.EpochEnd;
import io.millrace.cluster.replication.FollowerReplica.Log;
import io.millrace.cluster.replication.FollowerReplica.Step;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.ReplicaAppend;
import io.millrace.storage.StorageException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a leader said of one partition, carried out on the follower's log. On the partition's loop.
 *
 * @param as the follower that asked
 */
record FetchedPartition(Partition partition, FollowerReplica as, FetchSettings settings) {
    private static final Logger LOG = LoggerFactory.getLogger(FetchedPartition.class);

    /** Until the metadata has come that the leader has, or the follower. */
    private static final long METADATA_COMES_MS = 50;

    /**
     * Carries it out.
     *
     * @return milliseconds until the leader should be asked again; 0 at once
     */
    long take(PartitionData data) {
        try {
            return switch (Errors.forCode(data.errorCode())) {
                case NONE -> carryOut(answer(data), data);
                case OFFSET_OUT_OF_RANGE ->
                        carryOut(
                                new Answer.OutOfRange(data.logStartOffset(), data.highWatermark()),
                                data);
                case NOT_LEADER_OR_FOLLOWER,
                        FENCED_LEADER_EPOCH,
                        UNKNOWN_LEADER_EPOCH,
                        UNKNOWN_TOPIC_ID,
                        UNKNOWN_TOPIC_OR_PARTITION ->
                        METADATA_COMES_MS;
                default -> {
                    LOG.warn(
                            "{} cannot be fetched from node {}: {}",
                            partition.id(),
                            as.leader(),
                            Errors.forCode(data.errorCode()));
                    yield settings.backoffMs();
                }
            };
        } catch (StorageException e) {
            LOG.error("{} cannot follow node {}: {}", partition.id(), as.leader(), e.getMessage());
            return settings.backoffMs();
        }
    }

    private static Answer answer(PartitionData data) {
        return FetchResponse.isDivergingEpoch(data)
                ? new Answer.Diverging(
                        data.divergingEpoch().epoch(), data.divergingEpoch().endOffset())
                : new Answer.Records(data.logStartOffset(), data.highWatermark());
    }

    private long carryOut(Answer answer, PartitionData data) {
        PartitionLog log = partition.log();
        var own = new Log(log.logStartOffset(), log.flushedOffset(), log.logEndOffset());
        var ownEnd = new EpochEnd(-1, -1);
        if (answer instanceof Answer.Diverging(int epoch, long _)) {
            var end = log.endOfEpoch(epoch);
            ownEnd = new EpochEnd(end.epoch(), end.endOffset());
        }
        return switch (as.on(answer, own, ownEnd)) {
            case Step.Append append -> append(append, data);
            case Step.Truncate(long offset) -> {
                LOG.info(
                        "{} is cut off at {}, of {}, to be one with node {}",
                        partition.id(),
                        offset,
                        own.end(),
                        as.leader());
                partition.truncateTo(offset);
                yield 0;
            }
            case Step.RestartAt(long offset) -> {
                LOG.warn(
                        "{} begins anew at {}: node {} has nothing of its {} to {}",
                        partition.id(),
                        offset,
                        as.leader(),
                        own.start(),
                        own.end());
                partition.restartAt(offset);
                yield 0;
            }
        };
    }

    private long append(Step.Append append, PartitionData data) {
        ByteBuffer batches =
                data.records() instanceof MemoryRecords records
                        ? records.buffer()
                        : ByteBuffer.allocate(0);
        return switch (partition.replicate(batches, append)) {
            case ReplicaAppend.Appended _ -> 0;
            case ReplicaAppend.Refused(ReplicaAppend.Reason reason, String message, long end) -> {
                boolean startsInside =
                        reason == ReplicaAppend.Reason.OFFSET_BEFORE_END
                                && partition.log().logStartOffset() == end;
                if (startsInside) {
                    partition.restartAt(end);
                    yield 0;
                }
                LOG.warn(
                        "{} does not take what node {} sent ({}), and asks again: {}",
                        partition.id(),
                        as.leader(),
                        reason,
                        message);
                yield settings.backoffMs();
            }
        };
    }
}
