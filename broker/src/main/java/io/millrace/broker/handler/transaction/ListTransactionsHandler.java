package io.millrace.broker.handler.transaction;

import io.millrace.broker.coordinator.TransactionCoordinator;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.transaction.TransactionDescription;
import io.millrace.broker.wire.Request;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.ListTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListTransactionsRequest;
import org.apache.kafka.common.requests.ListTransactionsResponse;

/** ListTransactions: by state, producer id and age (KIP-664, KIP-994). */
public final class ListTransactionsHandler implements ApiHandler {
    /** Version 2 adds regular expressions. */
    private static final short NEWEST = 1;

    private static final Set<String> STATES =
            Arrays.stream(io.millrace.broker.transaction.TransactionState.values())
                    .map(io.millrace.broker.transaction.TransactionState::kafkaName)
                    .collect(Collectors.toUnmodifiableSet());

    private final TransactionCoordinator coordinator;
    private final LongSupplier clockMs;

    /**
     * @param clockMs milliseconds since the epoch
     */
    public ListTransactionsHandler(TransactionCoordinator coordinator, LongSupplier clockMs) {
        this.coordinator = coordinator;
        this.clockMs = clockMs;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.LIST_TRANSACTIONS;
    }

    @Override
    public short newestVersion() {
        return NEWEST;
    }

    @Override
    public void handle(Request request) {
        ListTransactionsRequestData asked = request.body(ListTransactionsRequest.class).data();
        coordinator.list((all, error) ->
                request.answer(answer(asked, all, TransactionErrors.of(error).code())));
    }

    private ListTransactionsResponse answer(
            ListTransactionsRequestData asked, List<TransactionDescription> all, short error) {
        var response = new ListTransactionsResponseData().setErrorCode(error);
        asked.stateFilters().stream()
                .filter(state -> !STATES.contains(state))
                .forEach(response.unknownStateFilters()::add);
        long nowMs = clockMs.getAsLong();
        for (TransactionDescription each : all) {
            if (isWanted(asked, each, nowMs)) {
                response.transactionStates()
                        .add(
                                new TransactionState()
                                        .setTransactionalId(each.transactionalId())
                                        .setProducerId(each.producer().id())
                                        .setTransactionState(each.state().kafkaName()));
            }
        }
        return new ListTransactionsResponse(response);
    }

    private static boolean isWanted(
            ListTransactionsRequestData asked, TransactionDescription each, long nowMs) {
        boolean byState =
                asked.stateFilters().isEmpty()
                        || asked.stateFilters().contains(each.state().kafkaName());
        boolean byProducer =
                asked.producerIdFilters().isEmpty()
                        || asked.producerIdFilters().contains(each.producer().id());
        boolean byAge =
                asked.durationFilter() < 0
                        || each.startMs() >= 0 && nowMs - each.startMs() > asked.durationFilter();
        return byState && byProducer && byAge;
    }
}
