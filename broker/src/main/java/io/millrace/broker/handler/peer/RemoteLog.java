package io.millrace.broker.handler.peer;

import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.loop.PartitionId;
import io.millrace.broker.wire.Uuids;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchMetadata;

/** The log of a partition that another broker leads: fetched from, and produced to. */
public record RemoteLog(LeaderPeers leaders, PartitionId id) implements ReachableLog {
    private static final int READ_BYTES = 1 << 20;
    private static final int PRODUCE_TIMEOUT_MS = 10_000;
    private static final short ALL = -1;

    @Override
    public CompletableFuture<ByteBuffer> batchesFrom(long offset) {
        var partition =
                new FetchPartition()
                        .setPartition(id.index())
                        .setFetchOffset(offset)
                        .setPartitionMaxBytes(READ_BYTES);
        var request =
                new FetchRequestData()
                        .setMaxWaitMs(0)
                        .setMinBytes(0)
                        .setMaxBytes(READ_BYTES)
                        .setSessionEpoch(FetchMetadata.FINAL_EPOCH)
                        .setTopics(
                                List.of(
                                        new FetchTopic()
                                                .setTopicId(Uuids.toWire(id.topicId()))
                                                .setPartitions(List.of(partition))));
        return leaders.ask(id.topic(), id.index(), ApiKeys.FETCH, request)
                .thenCompose(answer -> fetched(offset, answer));
    }

    /** What an answer says of an offset; see {@link #batchesFrom}. */
    static CompletableFuture<ByteBuffer> fetched(long offset, ApiMessage answer) {
        var data = (FetchResponseData) answer;
        if (data.errorCode() != Errors.NONE.code()) {
            return failed(Errors.forCode(data.errorCode()));
        }
        if (data.responses().isEmpty() || data.responses().getFirst().partitions().isEmpty()) {
            return CompletableFuture.failedFuture(new IOException("the answer is empty"));
        }
        var partition = data.responses().getFirst().partitions().getFirst();
        Errors error = Errors.forCode(partition.errorCode());
        boolean isLost = error == Errors.OFFSET_OUT_OF_RANGE || error == Errors.CORRUPT_MESSAGE;
        if (error != Errors.NONE && !isLost) {
            return failed(error);
        }
        ByteBuffer batches =
                !isLost && partition.records() instanceof MemoryRecords records
                        ? records.buffer()
                        : ByteBuffer.allocate(0);
        return isLost || batches.hasRemaining() || partition.highWatermark() > offset
                ? CompletableFuture.completedFuture(batches)
                : CompletableFuture.failedFuture(LocalLog.notCommitted(offset));
    }

    private static <V> CompletableFuture<V> failed(Errors error) {
        return CompletableFuture.failedFuture(
                error == Errors.MESSAGE_TOO_LARGE
                        ? error.exception()
                        : new IOException(error.message()));
    }

    @Override
    public CompletableFuture<Void> append(ByteBuffer batch) {
        var partition =
                new PartitionProduceData()
                        .setIndex(id.index())
                        .setRecords(MemoryRecords.readableRecords(batch));
        var topics = new TopicProduceDataCollection();
        topics.add(
                new TopicProduceData()
                        .setTopicId(Uuids.toWire(id.topicId()))
                        .setPartitionData(List.of(partition)));
        var request =
                new ProduceRequestData()
                        .setAcks(ALL)
                        .setTimeoutMs(PRODUCE_TIMEOUT_MS)
                        .setTopicData(topics);
        return leaders.ask(id.topic(), id.index(), ApiKeys.PRODUCE, request)
                .thenCompose(RemoteLog::produced);
    }

    private static CompletableFuture<Void> produced(ApiMessage answer) {
        var topic = ((ProduceResponseData) answer).responses().stream().findFirst();
        if (topic.isEmpty() || topic.get().partitionResponses().isEmpty()) {
            return CompletableFuture.failedFuture(new IOException("the answer is empty"));
        }
        Errors error = Errors.forCode(topic.get().partitionResponses().getFirst().errorCode());
        return error == Errors.NONE ? CompletableFuture.completedFuture(null) : failed(error);
    }
}
