package io.millrace.broker.handler.transaction;

import io.millrace.broker.coordinator.TransactionCoordinator;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.TransactionDescription;
import io.millrace.broker.transaction.TransactionError;
import io.millrace.broker.wire.Request;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TopicData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTransactionsRequest;
import org.apache.kafka.common.requests.DescribeTransactionsResponse;
import org.jspecify.annotations.Nullable;

/** DescribeTransactions (KIP-664). */
public final class DescribeTransactionsHandler implements ApiHandler {
    private final TransactionCoordinator coordinator;

    public DescribeTransactionsHandler(TransactionCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_TRANSACTIONS;
    }

    @Override
    public void handle(Request request) {
        List<String> ids =
                request.body(DescribeTransactionsRequest.class).data().transactionalIds();
        var response = new DescribeTransactionsResponseData();
        var open = new AtomicInteger(1 + ids.size());
        Runnable done =
                () -> {
                    if (open.decrementAndGet() == 0) {
                        request.answer(new DescribeTransactionsResponse(response));
                    }
                };
        for (String id : ids) {
            var slot = new TransactionState().setTransactionalId(id);
            response.transactionStates().add(slot);
            if (id.isEmpty()) {
                slot.setErrorCode(Errors.INVALID_REQUEST.code());
                done.run();
            } else {
                coordinator.describe(
                        id,
                        (found, error) -> {
                            fill(slot, found, error);
                            done.run();
                        });
            }
        }
        done.run();
    }

    private static void fill(
            TransactionState slot, @Nullable TransactionDescription found, TransactionError error) {
        if (found == null) {
            slot.setErrorCode(
                    error == TransactionError.NONE
                            ? Errors.TRANSACTIONAL_ID_NOT_FOUND.code()
                            : TransactionErrors.of(error).code());
            return;
        }
        slot.setTransactionState(found.state().kafkaName())
                .setProducerId(found.producer().id())
                .setProducerEpoch(found.producer().epoch())
                .setTransactionTimeoutMs(found.timeoutMs())
                .setTransactionStartTimeMs(found.startMs());
        for (Participant participant : found.participants()) {
            TopicData topic = slot.topics().find(participant.topic());
            if (topic == null) {
                topic = new TopicData().setTopic(participant.topic());
                slot.topics().add(topic);
            }
            topic.partitions().add(participant.partition());
        }
    }
}
