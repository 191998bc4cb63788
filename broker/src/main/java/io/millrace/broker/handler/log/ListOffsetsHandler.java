package io.millrace.broker.handler.log;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.Scatter;
import io.millrace.broker.wire.Request;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.TimestampedOffset;
import java.util.Optional;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;

/**
 * ListOffsets: earliest, latest, of the largest timestamp, or of the first record at or after a
 * time, exact to the record. Without tiered storage the earliest local offset is the earliest.
 */
public final class ListOffsetsHandler implements ApiHandler {
    private static final short LEADER_EPOCH_SINCE = 4;
    private static final short OFFSET_NOT_AVAILABLE_SINCE = 5;
    private static final short MAX_TIMESTAMP_SINCE = 7;
    private static final short EARLIEST_LOCAL_SINCE = 8;
    private static final short LATEST_TIERED_SINCE = 9;
    private static final short EARLIEST_PENDING_UPLOAD_SINCE = 11;

    private final PartitionDirectory directory;

    public ListOffsetsHandler(PartitionDirectory directory) {
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.LIST_OFFSETS;
    }

    @Override
    public void handle(Request request) {
        ListOffsetsRequest body = request.body(ListOffsetsRequest.class);
        IsolationLevel isolation = Isolation.of(body::isolationLevel);
        var response = new ListOffsetsResponseData();
        var scatter = new Scatter();
        for (var topic : body.topics()) {
            var answer = new ListOffsetsTopicResponse().setName(topic.name());
            response.topics().add(answer);
            for (ListOffsetsPartition asked : topic.partitions()) {
                var slot = empty(asked.partitionIndex());
                answer.partitions().add(slot);
                Partition partition = directory.partition(topic.name(), asked.partitionIndex());
                var name = new TopicPartition(topic.name(), asked.partitionIndex());
                if (body.duplicatePartitions().contains(name)) {
                    slot.setErrorCode(Errors.INVALID_REQUEST.code());
                } else if (partition == null) {
                    slot.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                } else {
                    scatter.add(
                            partition.loop(),
                            () -> list(partition, isolation, body.version(), asked, slot));
                }
            }
        }
        scatter.start(() -> request.answer(new ListOffsetsResponse(response)));
    }

    private static ListOffsetsPartitionResponse empty(int index) {
        return new ListOffsetsPartitionResponse()
                .setPartitionIndex(index)
                .setErrorCode(Errors.NONE.code())
                .setOffset(ListOffsetsResponse.UNKNOWN_OFFSET)
                .setTimestamp(ListOffsetsResponse.UNKNOWN_TIMESTAMP)
                .setLeaderEpoch(ListOffsetsResponse.UNKNOWN_EPOCH);
    }

    private static void list(
            Partition partition,
            IsolationLevel isolation,
            short version,
            ListOffsetsPartition asked,
            ListOffsetsPartitionResponse slot) {
        Errors error = LogErrors.availability(partition);
        if (error == Errors.NONE) {
            error = LogErrors.epoch(partition, asked.currentLeaderEpoch());
        }
        if (error != Errors.NONE) {
            slot.setErrorCode(error.code());
            return;
        }
        try {
            find(partition, isolation, version, asked.timestamp(), slot);
            if (version < LEADER_EPOCH_SINCE) {
                slot.setLeaderEpoch(ListOffsetsResponse.UNKNOWN_EPOCH);
            }
        } catch (StorageException e) {
            slot.setErrorCode(LogErrors.of(e).code());
        }
    }

    private static void find(
            Partition partition,
            IsolationLevel isolation,
            short version,
            long timestamp,
            ListOffsetsPartitionResponse slot) {
        long end =
                isolation == IsolationLevel.READ_COMMITTED
                        ? partition.lastStableOffset()
                        : partition.highWatermark();
        boolean endKnown = LogErrors.endAvailability(partition) == Errors.NONE;
        boolean newest =
                timestamp == ListOffsetsRequest.LATEST_TIMESTAMP
                        || timestamp == ListOffsetsRequest.MAX_TIMESTAMP;
        if (version < since(timestamp)) {
            slot.setErrorCode(Errors.UNSUPPORTED_VERSION.code());
        } else if (newest && !endKnown) {
            failForNow(slot, version);
        } else if (timestamp == ListOffsetsRequest.LATEST_TIMESTAMP) {
            slot.setOffset(end).setLeaderEpoch(partition.leaderEpoch());
        } else if (timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP
                || timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            long start = partition.log().logStartOffset();
            int epoch = partition.log().epochAt(start);
            slot.setOffset(start).setLeaderEpoch(epoch < 0 ? partition.leaderEpoch() : epoch);
        } else if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            fill(slot, partition.log().offsetOfMaxTimestamp(end));
        } else if (timestamp >= 0) {
            var found = partition.log().offsetForTimestamp(timestamp, end);
            fill(slot, found);
            if (found.isEmpty() && !endKnown) {
                failForNow(slot, version);
            }
        }
    }

    /** The first version that knows a time; past all versions for one that none knows. */
    private static int since(long timestamp) {
        if (timestamp >= ListOffsetsRequest.EARLIEST_TIMESTAMP) {
            return 0;
        } else if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            return MAX_TIMESTAMP_SINCE;
        } else if (timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            return EARLIEST_LOCAL_SINCE;
        } else if (timestamp == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP) {
            return LATEST_TIERED_SINCE;
        } else if (timestamp == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            return EARLIEST_PENDING_UPLOAD_SINCE;
        }
        return Integer.MAX_VALUE;
    }

    /** It may be found later; in words that the client knows, so that it asks again. */
    private static void failForNow(ListOffsetsPartitionResponse slot, short version) {
        Errors known =
                version < OFFSET_NOT_AVAILABLE_SINCE
                        ? Errors.LEADER_NOT_AVAILABLE
                        : Errors.OFFSET_NOT_AVAILABLE;
        slot.setErrorCode(known.code());
    }

    private static void fill(ListOffsetsPartitionResponse slot, Optional<TimestampedOffset> found) {
        found.ifPresent(at ->
                slot.setOffset(at.offset())
                        .setTimestamp(at.timestampMs())
                        .setLeaderEpoch(at.leaderEpoch()));
    }
}
