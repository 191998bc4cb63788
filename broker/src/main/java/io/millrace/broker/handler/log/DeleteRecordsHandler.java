package io.millrace.broker.handler.log;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.loop.LogStarts;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.Scatter;
import io.millrace.broker.wire.Request;
import io.millrace.storage.StorageException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResultCollection;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;

/**
 * DeleteRecords: raises the log start; -1 means up to the high watermark (KIP-107). Answered when
 * all replicas in sync have raised theirs, or the request's time is over. The brokers' own topics
 * and those that are only compacted are refused: what was deleted of them would be missed.
 */
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
        var response =
                new DeleteRecordsResponseData()
                        .setTopics(
                                new DeleteRecordsTopicResultCollection(asked.topics().size() + 1));
        var deletion = new Deletion(request, response, Math.max(0, asked.timeoutMs()));
        var scatter = new Scatter();
        for (var topic : asked.topics()) {
            int room = topic.partitions().size() + 1;
            var answer =
                    new DeleteRecordsTopicResult()
                            .setName(topic.name())
                            .setPartitions(new DeleteRecordsPartitionResultCollection(room));
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
                } else if (MetadataErrors.isInternal(topic.name())) {
                    slot.setErrorCode(Errors.INVALID_TOPIC_EXCEPTION.code());
                } else {
                    scatter.add(
                            partition.loop(),
                            () -> deletion.begin(partition, wanted.offset(), slot));
                }
            }
        }
        scatter.start(deletion::partDone);
    }

    private static Errors refusal(Partition partition) {
        Errors error = LogErrors.availability(partition);
        return error == Errors.NONE && partition.log().isOnlyCompacted()
                ? Errors.POLICY_VIOLATION
                : error;
    }

    /** One request under way. Its slots are filled on the loops of their partitions. */
    private static final class Deletion {
        private final Request request;
        private final DeleteRecordsResponseData response;
        private final int timeoutMs;

        /** The start itself, and each wait. */
        private final AtomicInteger unfinished = new AtomicInteger(1);

        Deletion(Request request, DeleteRecordsResponseData response, int timeoutMs) {
            this.request = request;
            this.response = response;
            this.timeoutMs = timeoutMs;
        }

        void begin(Partition partition, long offset, DeleteRecordsPartitionResult slot) {
            try {
                Errors refused = refusal(partition);
                if (refused == Errors.NONE) {
                    delete(partition, offset, slot);
                } else {
                    slot.setErrorCode(refused.code());
                }
            } catch (StorageException e) {
                slot.setErrorCode(LogErrors.of(e).code());
            }
        }

        private void delete(Partition partition, long offset, DeleteRecordsPartitionResult slot) {
            long before = offset == HIGH_WATERMARK ? partition.highWatermark() : offset;
            if (before < 0 || before > partition.highWatermark()) {
                slot.setErrorCode(Errors.OFFSET_OUT_OF_RANGE.code());
                return;
            }
            long start = LogStarts.raise(partition, before);
            partition.log().deleteBeforeStart(partition.loop().nowMs(), partition.highWatermark());
            unfinished.incrementAndGet();
            new LimitedWait(partition, error -> raised(start, error, slot))
                    .untilRaised(start, timeoutMs);
        }

        private void raised(long start, Errors error, DeleteRecordsPartitionResult slot) {
            if (error == Errors.NONE) {
                slot.setLowWatermark(start);
            } else {
                slot.setErrorCode(error.code());
            }
            partDone();
        }

        void partDone() {
            if (unfinished.decrementAndGet() == 0) {
                request.answer(new DeleteRecordsResponse(response));
            }
        }
    }
}
