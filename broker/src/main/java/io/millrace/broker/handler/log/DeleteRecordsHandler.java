package io.millrace.broker.handler.log;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.Scatter;
import io.millrace.broker.wire.Request;
import io.millrace.storage.StorageException;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;

/** DeleteRecords: raises the log start; -1 means up to the high watermark (KIP-107). */
public final class DeleteRecordsHandler implements ApiHandler {
    private static final long HIGH_WATERMARK = -1;

    private final PartitionDirectory directory;

    public DeleteRecordsHandler(PartitionDirectory directory) {
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DELETE_RECORDS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(DeleteRecordsRequest.class).data();
        var response = new DeleteRecordsResponseData();
        var scatter = new Scatter();
        for (var topic : asked.topics()) {
            var answer = new DeleteRecordsTopicResult().setName(topic.name());
            response.topics().add(answer);
            for (var wanted : topic.partitions()) {
                var slot =
                        new DeleteRecordsPartitionResult()
                                .setPartitionIndex(wanted.partitionIndex())
                                .setLowWatermark(DeleteRecordsResponse.INVALID_LOW_WATERMARK);
                answer.partitions().add(slot);
                Partition partition = directory.partition(topic.name(), wanted.partitionIndex());
                if (partition == null) {
                    slot.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                } else {
                    scatter.add(partition.loop(), () -> delete(partition, wanted.offset(), slot));
                }
            }
        }
        scatter.start(() -> request.answer(new DeleteRecordsResponse(response)));
    }

    private static void delete(
            Partition partition, long offset, DeleteRecordsPartitionResult slot) {
        Errors error = LogErrors.availability(partition);
        if (error != Errors.NONE) {
            slot.setErrorCode(error.code());
            return;
        }
        try {
            long before = offset == HIGH_WATERMARK ? partition.highWatermark() : offset;
            if (before < 0 || before > partition.highWatermark()) {
                slot.setErrorCode(Errors.OFFSET_OUT_OF_RANGE.code());
                return;
            }
            slot.setLowWatermark(partition.log().deleteRecordsBefore(before));
            partition.log().retain(partition.loop().nowMs(), partition.highWatermark());
        } catch (StorageException e) {
            slot.setErrorCode(LogErrors.of(e).code());
        }
    }
}
