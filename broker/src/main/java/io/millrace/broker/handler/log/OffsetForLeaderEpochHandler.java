package io.millrace.broker.handler.log;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.Scatter;
import io.millrace.broker.wire.Request;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.EpochEnd;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochResponse;

/** OffsetForLeaderEpoch: where an epoch ends, so that a reader notices truncation (KIP-320). */
public final class OffsetForLeaderEpochHandler implements ApiHandler {
    private final PartitionDirectory directory;

    public OffsetForLeaderEpochHandler(PartitionDirectory directory) {
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.OFFSET_FOR_LEADER_EPOCH;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(OffsetsForLeaderEpochRequest.class).data();
        var response =
                new OffsetForLeaderEpochResponseData()
                        .setTopics(
                                new OffsetForLeaderTopicResultCollection(
                                        asked.topics().size() + 1));
        var scatter = new Scatter();
        for (var topic : asked.topics()) {
            var answer = new OffsetForLeaderTopicResult().setTopic(topic.topic());
            response.topics().add(answer);
            for (OffsetForLeaderPartition wanted : topic.partitions()) {
                var slot =
                        new EpochEndOffset()
                                .setPartition(wanted.partition())
                                .setLeaderEpoch(-1)
                                .setEndOffset(-1);
                answer.partitions().add(slot);
                Partition partition = directory.partition(topic.topic(), wanted.partition());
                if (partition == null) {
                    slot.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                } else {
                    scatter.add(partition.loop(), () -> find(partition, wanted, slot));
                }
            }
        }
        scatter.start(() -> request.answer(new OffsetsForLeaderEpochResponse(response)));
    }

    private static void find(
            Partition partition, OffsetForLeaderPartition wanted, EpochEndOffset slot) {
        Errors error = LogErrors.availability(partition);
        if (error == Errors.NONE) {
            error = LogErrors.epoch(partition, wanted.currentLeaderEpoch());
        }
        if (error != Errors.NONE) {
            slot.setErrorCode(error.code());
            return;
        }
        try {
            if (wanted.leaderEpoch() == partition.leaderEpoch()) {
                slot.setLeaderEpoch(partition.leaderEpoch())
                        .setEndOffset(partition.log().logEndOffset());
                return;
            }
            EpochEnd end = partition.log().endOfEpoch(wanted.leaderEpoch());
            slot.setLeaderEpoch(end.epoch()).setEndOffset(end.endOffset());
        } catch (StorageException e) {
            slot.setErrorCode(LogErrors.of(e).code());
        }
    }
}
