package io.millrace.broker.handler.transaction;

import io.millrace.broker.coordinator.TransactionCoordinator;
import io.millrace.broker.group.member.TopicPattern;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.transaction.TransactionDescription;
import io.millrace.broker.wire.Request;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.ListTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListTransactionsRequest;
import org.apache.kafka.common.requests.ListTransactionsResponse;
import org.jspecify.annotations.Nullable;

/**
 * ListTransactions: by state, producer id, age, and a regular expression that the whole
 * transactional id matches (KIP-664, KIP-994, KIP-1152).
 */
public final class ListTransactionsHandler implements ApiHandler {
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
    public void handle(Request request) {
        ListTransactionsRequestData asked = request.body(ListTransactionsRequest.class).data();
        coordinator.list((all, error) ->
                request.answer(answer(asked, all, TransactionErrors.of(error).code())));
    }

    private ListTransactionsResponse answer(
            ListTransactionsRequestData asked, List<TransactionDescription> all, short error) {
        var response = new ListTransactionsResponseData().setErrorCode(error);
        String regex = asked.transactionalIdPattern();
        TopicPattern pattern = regex == null || regex.isEmpty() ? null : TopicPattern.of(regex);
        if (error == Errors.NONE.code() && regex != null && !regex.isEmpty() && pattern == null) {
            response.setErrorCode(Errors.INVALID_REGULAR_EXPRESSION.code());
            return new ListTransactionsResponse(response);
        }
        asked.stateFilters().stream()
                .filter(state -> !STATES.contains(state))
                .forEach(response.unknownStateFilters()::add);
        var wanted =
                new Wanted(
                        new HashSet<>(asked.stateFilters()),
                        new HashSet<>(asked.producerIdFilters()),
                        asked.durationFilter(),
                        pattern,
                        clockMs.getAsLong());
        for (TransactionDescription each : all) {
            if (wanted.includes(each)) {
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

    /** What is asked for; an empty set and no pattern ask for all. */
    private record Wanted(
            Set<String> states,
            Set<Long> producerIds,
            long longerThanMs,
            @Nullable TopicPattern pattern,
            long nowMs) {
        boolean includes(TransactionDescription each) {
            boolean byState = states.isEmpty() || states.contains(each.state().kafkaName());
            boolean byProducer =
                    producerIds.isEmpty() || producerIds.contains(each.producer().id());
            boolean byAge =
                    longerThanMs < 0
                            || each.startMs() >= 0 && nowMs - each.startMs() > longerThanMs;
            boolean byId = pattern == null || pattern.matches(each.transactionalId());
            return byState && byProducer && byAge && byId;
        }
    }
}
