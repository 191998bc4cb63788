package io.millrace.broker.transaction;

import java.util.List;

/**
 * What there is to say of a transactional id.
 *
 * @param startMs when its open transaction began, milliseconds since the epoch; -1 if none is
 */
public record TransactionDescription(
        String transactionalId,
        TransactionState state,
        ProducerIdentity producer,
        int timeoutMs,
        long startMs,
        List<Participant> participants) {
    static TransactionDescription of(Transaction<?> transaction) {
        return new TransactionDescription(
                transaction.id(),
                transaction.state(),
                transaction.producer(),
                transaction.timeoutMs(),
                transaction.startMs(),
                List.copyOf(transaction.participants()));
    }
}
