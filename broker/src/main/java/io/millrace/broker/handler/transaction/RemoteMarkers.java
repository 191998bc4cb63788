package io.millrace.broker.handler.transaction;

import io.millrace.broker.coordinator.RemotePartitions;
import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.loop.TransactionEnding;
import io.millrace.broker.transaction.Participant;
import io.millrace.storage.producer.TransactionEnd;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the leaders of partitions end transactions in them (WriteTxnMarkers). Thread-safe. */
public record RemoteMarkers(LeaderPeers leaders) implements RemotePartitions {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteMarkers.class);
    private static final byte RAISING_VERSION = 2;

    @Override
    public boolean isRemote(Participant participant) {
        return leaders.isElsewhere(participant.topic(), participant.partition());
    }

    @Override
    public void end(Participant participant, TransactionEnd end, Consumer<TransactionEnding> then) {
        var marker =
                new WritableTxnMarker()
                        .setProducerId(end.producerId())
                        .setProducerEpoch(end.epoch())
                        .setCoordinatorEpoch(end.coordinatorEpoch())
                        .setTransactionResult(end.commit())
                        .setTransactionVersion(end.raisesEpoch() ? RAISING_VERSION : 0)
                        .setTopics(
                                List.of(
                                        new WritableTxnMarkerTopic()
                                                .setName(participant.topic())
                                                .setPartitionIndexes(
                                                        List.of(participant.partition()))));
        var _ =
                leaders.ask(
                                participant.topic(),
                                participant.partition(),
                                ApiKeys.WRITE_TXN_MARKERS,
                                new WriteTxnMarkersRequestData().setMarkers(List.of(marker)))
                        .whenComplete((answer, failure) -> {
                            if (failure != null) {
                                LOG.warn(
                                        "The end of a transaction could not be told to {}, and will"
                                                + " be again: {}",
                                        participant,
                                        failure.getMessage());
                            }
                            then.accept(
                                    failure == null
                                            ? ending(answer)
                                            : TransactionEnding.UNAVAILABLE);
                        });
    }

    private static TransactionEnding ending(ApiMessage answer) {
        var markers = ((WriteTxnMarkersResponseData) answer).markers();
        if (markers.isEmpty()
                || markers.getFirst().topics().isEmpty()
                || markers.getFirst().topics().getFirst().partitions().isEmpty()) {
            return TransactionEnding.UNAVAILABLE;
        }
        short code = markers.getFirst().topics().getFirst().partitions().getFirst().errorCode();
        return switch (Errors.forCode(code)) {
            case NONE -> TransactionEnding.ENDED;
            case INVALID_PRODUCER_EPOCH -> TransactionEnding.STALE_EPOCH;
            case TRANSACTION_COORDINATOR_FENCED -> TransactionEnding.STALE_COORDINATOR;
            // A broker that does not know the partition is behind: if it is gone, the metadata here
            // will say so, and nobody is asked any more.
            default -> TransactionEnding.UNAVAILABLE;
        };
    }
}
