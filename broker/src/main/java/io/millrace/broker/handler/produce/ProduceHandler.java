package io.millrace.broker.handler.produce;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import io.millrace.storage.batch.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.InvalidRequiredAcksException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponseCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.jspecify.annotations.Nullable;

/**
 * Produce: splits the request by owner loop, appends, and answers when every partition is as
 * durable as acks asks. Answers keep the order of the request.
 */
public final class ProduceHandler implements ApiHandler {
    private static final short TOPIC_IDS_SINCE = 13;
    private static final short ZSTD_SINCE = 7;

    private final PartitionDirectory directory;
    private final BiConsumer<TransactionRequest, Consumer<TransactionReply>> coordinator;

    /**
     * @param coordinator asks the coordinator of a transaction; the reply comes on some loop
     */
    public ProduceHandler(
            PartitionDirectory directory,
            BiConsumer<TransactionRequest, Consumer<TransactionReply>> coordinator) {
        this.directory = directory;
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.PRODUCE;
    }

    @Override
    public void handle(Request request) {
        ProduceRequest body = request.body(ProduceRequest.class);
        if (body.acks() < -1 || body.acks() > 1) {
            throw new InvalidRequiredAcksException("acks is %d".formatted(body.acks()));
        }
        @Nullable TransactionGate gate = gate(body, request.version());
        var response =
                new ProduceResponseData()
                        .setResponses(
                                new TopicProduceResponseCollection(
                                        body.data().topicData().size() + 1));
        var operation = new ProduceOperation(request, new ProduceResponse(response), gate);
        for (TopicProduceData topic : body.data().topicData()) {
            var answer =
                    new TopicProduceResponse().setName(topic.name()).setTopicId(topic.topicId());
            response.responses().add(answer);
            @Nullable HostedTopic hosted = find(topic, request.version());
            for (PartitionProduceData data : topic.partitionData()) {
                var slot = new PartitionProduceResponse().setIndex(data.index());
                answer.partitionResponses().add(slot);
                add(operation, hosted, data, slot, request.version());
            }
        }
        operation.start();
    }

    private @Nullable TransactionGate gate(ProduceRequest body, short version) {
        String transactionalId = body.transactionalId();
        if (transactionalId != null) {
            return new TransactionGate(coordinator, transactionalId, version);
        }
        for (TopicProduceData topic : body.data().topicData()) {
            if (topic.partitionData().stream().anyMatch(ProduceHandler::isTransactional)) {
                throw new TransactionalIdAuthorizationException(
                        "a batch is part of a transaction, and the request names none");
            }
        }
        return null;
    }

    private static boolean isTransactional(PartitionProduceData data) {
        ByteBuffer records = bytes(data);
        return records != null
                && records.remaining() >= RecordBatchView.HEADER_BYTES
                && new RecordBatchView().wrap(records, records.position()).isTransactional();
    }

    private @Nullable HostedTopic find(TopicProduceData topic, short version) {
        return version >= TOPIC_IDS_SINCE
                ? directory.topic(Uuids.fromWire(topic.topicId()))
                : directory.topic(topic.name());
    }

    private static void add(
            ProduceOperation operation,
            @Nullable HostedTopic topic,
            PartitionProduceData data,
            PartitionProduceResponse slot,
            short version) {
        @Nullable Partition partition = topic == null ? null : topic.partition(data.index());
        ByteBuffer records = bytes(data);
        if (partition == null) {
            fail(slot, missing(topic, version));
        } else if (MetadataErrors.isInternal(partition.id().topic())) {
            fail(slot, Errors.INVALID_TOPIC_EXCEPTION);
        } else if (records == null) {
            fail(slot, Errors.INVALID_RECORD);
            slot.setErrorMessage("the request has no records for this partition");
        } else if (version < ZSTD_SINCE && isZstd(records)) {
            fail(slot, Errors.UNSUPPORTED_COMPRESSION_TYPE);
        } else {
            operation.add(partition, records, slot);
        }
    }

    /** KIP-110: a client that old could not read what it wrote. */
    private static boolean isZstd(ByteBuffer records) {
        return records.remaining() >= RecordBatchView.HEADER_BYTES
                && new RecordBatchView().wrap(records, records.position()).codecId()
                        == CompressionType.ZSTD.id;
    }

    private static Errors missing(@Nullable HostedTopic topic, short version) {
        return topic == null && version >= TOPIC_IDS_SINCE
                ? Errors.UNKNOWN_TOPIC_ID
                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private static @Nullable ByteBuffer bytes(PartitionProduceData data) {
        return data.records() instanceof MemoryRecords records && records.sizeInBytes() > 0
                ? Objects.requireNonNull(records.buffer())
                : null;
    }

    static void fail(PartitionProduceResponse slot, Errors error) {
        slot.setErrorCode(error.code())
                .setBaseOffset(-1)
                .setLogAppendTimeMs(-1)
                .setLogStartOffset(-1);
    }
}
