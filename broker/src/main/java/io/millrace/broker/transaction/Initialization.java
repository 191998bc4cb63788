package io.millrace.broker.transaction;

import io.millrace.broker.transaction.TransactionReply.Identified;
import io.millrace.broker.transaction.TransactionReply.NeedsProducerId;
import io.millrace.broker.transaction.TransactionRequest.Initialize;
import org.jspecify.annotations.Nullable;

/**
 * How a producer gets its identity (KIP-98, KIP-360): every session has a newer epoch than the one
 * before, and what that one left open is aborted first.
 */
final class Initialization<T> {
    private final Transaction<T> transaction;
    private final Transition<T> transition;

    Initialization(Transaction<T> transaction, Transition<T> transition) {
        this.transaction = transaction;
        this.transition = transition;
    }

    /**
     * Handles a request while nothing is prepared.
     *
     * @return null if it has to wait until what was open is aborted
     */
    @Nullable TransactionReply handle(Initialize asked) {
        boolean isRetry = !asked.producer().isNone() && asked.producer().equals(last());
        if (!isRetry && !mayGoOn(asked.producer())) {
            return new Identified(TransactionError.PRODUCER_FENCED, ProducerIdentity.NONE);
        }
        if (transaction.state() == TransactionState.ONGOING) {
            abort(asked.producer());
            return null;
        }
        if (isRetry) {
            return identified();
        }
        return renew(asked);
    }

    /** Aborts what is open; another client's epoch is raised with it, so that it is fenced. */
    private void abort(ProducerIdentity client) {
        if (client.isNone()) {
            transition.fence();
        } else {
            transition.decide(false);
        }
    }

    private ProducerIdentity last() {
        return transaction.stored().last();
    }

    /** Whether the client is who it believes to be, or does not say. */
    private boolean mayGoOn(ProducerIdentity client) {
        return client.isNone() || client.equals(transaction.producer());
    }

    private TransactionReply renew(Initialize asked) {
        ProducerIdentity before = transaction.producer();
        ProducerIdentity now = new ProducerIdentity(before.id(), (short) (before.epoch() + 1));
        if (transaction.isEpochExhausted()) {
            if (asked.freshId() == TransactionRequest.NO_ID) {
                return new NeedsProducerId();
            }
            now = new ProducerIdentity(asked.freshId(), (short) 0);
        }
        transition.identify(
                now, asked.producer().isNone() ? ProducerIdentity.NONE : before, asked.timeoutMs());
        return identified();
    }

    private TransactionReply identified() {
        return new Identified(TransactionError.NONE, transaction.producer());
    }
}
