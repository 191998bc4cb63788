package io.millrace.broker.transaction;

import io.millrace.broker.transaction.TransactionReply.Identified;
import io.millrace.broker.transaction.TransactionReply.NeedsProducerId;
import io.millrace.broker.transaction.TransactionRequest.End;
import org.jspecify.annotations.Nullable;

/**
 * How a transaction is decided. A client whose epoch rises with every transaction (KIP-890) cannot
 * decide another than it means to: a late request has an old epoch. Of the others, a late request
 * is known by the connection that it comes over.
 */
final class Ending<T> {
    private final Transaction<T> transaction;
    private final Transition<T> transition;

    Ending(Transaction<T> transaction, Transition<T> transition) {
        this.transaction = transaction;
        this.transition = transition;
    }

    /**
     * Handles a request of a known id.
     *
     * @return null if it has to wait until the decision before is told to everybody
     */
    @Nullable TransactionReply handle(End asked) {
        boolean isRetry = asked.raisesEpoch() && asked.producer().equals(last());
        if (isRetry) {
            return transaction.state().isDecided(asked.commit())
                    ? decided()
                    : refused(TransactionError.INVALID_TXN_STATE);
        }
        if (asked.producer().id() != transaction.producer().id()) {
            return refused(TransactionError.INVALID_PRODUCER_ID_MAPPING);
        }
        if (asked.producer().epoch() != transaction.epoch()) {
            return refused(TransactionError.PRODUCER_FENCED);
        }
        if (transaction.isLate(asked.connection())) {
            return refused(TransactionError.CONCURRENT_TRANSACTIONS);
        }
        transaction.heard(asked.connection());
        return asked.raisesEpoch() ? endRaising(asked) : end(asked);
    }

    private ProducerIdentity last() {
        return transaction.stored().last();
    }

    private TransactionReply end(End asked) {
        if (transaction.state() == TransactionState.ONGOING) {
            transition.decide(asked.commit());
            return decided();
        }
        return transaction.state().isDecided(asked.commit())
                ? decided()
                : refused(TransactionError.INVALID_TXN_STATE);
    }

    private @Nullable TransactionReply endRaising(End asked) {
        if (transaction.state().isPrepared()) {
            return null;
        }
        if (asked.commit() && transaction.state() != TransactionState.ONGOING) {
            return refused(TransactionError.INVALID_TXN_STATE);
        }
        if (transaction.isEpochExhausted() && asked.freshId() == TransactionRequest.NO_ID) {
            return new NeedsProducerId();
        }
        transition.decideAndRaise(
                asked.commit(),
                transaction.isEpochExhausted() ? asked.freshId() : TransactionRequest.NO_ID);
        return decided();
    }

    private TransactionReply decided() {
        return new Identified(TransactionError.NONE, transition.afterwards());
    }

    private static TransactionReply refused(TransactionError error) {
        return new Identified(error, ProducerIdentity.NONE);
    }
}
