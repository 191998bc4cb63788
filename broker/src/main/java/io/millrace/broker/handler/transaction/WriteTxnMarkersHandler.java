package io.millrace.broker.handler.transaction;

import io.millrace.broker.coordinator.TransactionCoordinator;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.wire.Request;
import io.millrace.storage.producer.TransactionEnd;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerPartitionResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;

/**
 * WriteTxnMarkers: ends transactions in partitions, as another broker's coordinator asks, or an
 * administrator who aborts one that hangs (KIP-664).
 */
public final class WriteTxnMarkersHandler implements ApiHandler {
    private static final int RAISING_VERSION = 2;

    private final TransactionCoordinator coordinator;

    public WriteTxnMarkersHandler(TransactionCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.WRITE_TXN_MARKERS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(WriteTxnMarkersRequest.class).data();
        var response = new WriteTxnMarkersResponseData();
        var open = new AtomicInteger(1);
        Runnable done =
                () -> {
                    if (open.decrementAndGet() == 0) {
                        request.answer(new WriteTxnMarkersResponse(response));
                    }
                };
        for (WritableTxnMarker marker : asked.markers()) {
            var result = new WritableTxnMarkerResult().setProducerId(marker.producerId());
            response.markers().add(result);
            var end =
                    new TransactionEnd(
                            marker.producerId(),
                            marker.producerEpoch(),
                            marker.coordinatorEpoch(),
                            marker.transactionResult(),
                            marker.transactionVersion() >= RAISING_VERSION);
            for (WritableTxnMarkerTopic topic : marker.topics()) {
                var answer = new WritableTxnMarkerTopicResult().setName(topic.name());
                result.topics().add(answer);
                for (int index : topic.partitionIndexes()) {
                    var slot = new WritableTxnMarkerPartitionResult().setPartitionIndex(index);
                    answer.partitions().add(slot);
                    open.incrementAndGet();
                    coordinator.end(
                            new Participant(topic.name(), index),
                            end,
                            ending -> {
                                slot.setErrorCode(TransactionErrors.of(ending).code());
                                done.run();
                            });
                }
            }
        }
        done.run();
    }
}
