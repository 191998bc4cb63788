package io.millrace.broker.handler.share;

import io.millrace.broker.handler.share.ShareSession.Target;
import io.millrace.broker.wire.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.message.ShareFetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ShareFetchResponse;

/**
 * The answer to a share fetch, put together of what was acknowledged and what was fetched; sent
 * when both are there. Belongs to the connection's loop.
 */
final class ShareFetchAnswer {
    private final Request request;
    private final int lockMs;
    private final Runnable leaves;
    private final Map<Target, PartitionData> data = new LinkedHashMap<>();
    private int expected;
    private boolean abandoned;

    /**
     * @param leaves runs when it is sent: from then on it may have arrived
     */
    ShareFetchAnswer(Request request, int lockMs, Runnable leaves) {
        this.request = request;
        this.lockMs = lockMs;
        this.leaves = leaves;
    }

    /** How many calls of {@link #partDone}, {@link #fetched} or {@link #abandon} there will be. */
    void expect(int parts) {
        expected = parts;
    }

    void acknowledged(SharePart part, Errors error) {
        dataOf(part.target()).setAcknowledgeErrorCode(error.code());
    }

    private PartitionData dataOf(Target target) {
        return data.computeIfAbsent(
                target,
                key ->
                        new PartitionData()
                                .setPartitionIndex(key.index())
                                .setRecords(MemoryRecords.EMPTY));
    }

    void fetched(List<ShareFetchItem> items) {
        for (ShareFetchItem item : items) {
            if (item.failed() || item.recordCount() > 0) {
                dataOf(item.part().target())
                        .setErrorCode(item.data().errorCode())
                        .setRecords(item.data().records())
                        .setAcquiredRecords(item.data().acquiredRecords());
            }
        }
        partDone();
    }

    /** Nobody is there to get the answer any more. */
    void abandon() {
        abandoned = true;
        partDone();
    }

    void partDone() {
        expected--;
        if (expected > 0) {
            return;
        }
        if (abandoned) {
            request.answerNothing();
        } else {
            leaves.run();
            request.answer(response());
        }
    }

    private ShareFetchResponse response() {
        var byPartition = new LinkedHashMap<TopicIdPartition, PartitionData>();
        data.forEach((target, partition) ->
                byPartition.put(
                        new TopicIdPartition(target.topicId(), target.index(), ""), partition));
        return ShareFetchResponse.of(Errors.NONE, 0, byPartition, List.of(), lockMs);
    }
}
