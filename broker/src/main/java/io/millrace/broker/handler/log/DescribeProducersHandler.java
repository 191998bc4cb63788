package io.millrace.broker.handler.log;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.Repeats;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.Scatter;
import io.millrace.broker.wire.Request;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeProducersRequest;
import org.apache.kafka.common.requests.DescribeProducersResponse;

/** DescribeProducers: which idempotent producers a partition remembers (KIP-664). */
public final class DescribeProducersHandler implements ApiHandler {
    private final PartitionDirectory directory;

    public DescribeProducersHandler(PartitionDirectory directory) {
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_PRODUCERS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(DescribeProducersRequest.class).data();
        var response = new DescribeProducersResponseData();
        var scatter = new Scatter();
        var repeats = new Repeats();
        for (var topic : asked.topics()) {
            var answer = new TopicResponse().setName(topic.name());
            response.topics().add(answer);
            for (int index : topic.partitionIndexes()) {
                var slot = new PartitionResponse().setPartitionIndex(index);
                answer.partitions().add(slot);
                Partition partition = directory.partition(topic.name(), index);
                if (repeats.isRepeated(topic.name() + "/" + index)) {
                    slot.setErrorCode(Errors.INVALID_REQUEST.code());
                } else if (partition == null) {
                    slot.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                } else {
                    scatter.add(partition.loop(), () -> describe(partition, slot));
                }
            }
        }
        scatter.start(() -> request.answer(new DescribeProducersResponse(response)));
    }

    private static void describe(Partition partition, PartitionResponse slot) {
        Errors error = LogErrors.availability(partition);
        slot.setErrorCode(error.code());
        if (error == Errors.NONE) {
            for (var producer : partition.log().activeProducers()) {
                slot.activeProducers()
                        .add(
                                new ProducerState()
                                        .setProducerId(producer.producerId())
                                        .setProducerEpoch(producer.epoch())
                                        .setLastSequence(producer.lastSequence())
                                        .setLastTimestamp(producer.lastTimestampMs())
                                        .setCoordinatorEpoch(producer.coordinatorEpoch())
                                        .setCurrentTxnStartOffset(
                                                producer.transactionFirstOffset()));
            }
        }
    }
}
