package io.millrace.broker.transaction;

import io.millrace.broker.transaction.Transaction.Stored;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The ways from one state of a transaction to the next. Each is stored before anybody hears of it;
 * markers go out only once the decision is durable.
 */
final class Transition<T> {
    private final Transaction<T> transaction;
    private final TransactionStep<T> out;
    private final long nowMs;

    Transition(Transaction<T> transaction, TransactionStep<T> out, long nowMs) {
        this.transaction = transaction;
        this.out = out;
        this.nowMs = nowMs;
    }

    private void save(Stored changed) {
        transaction.store(changed);
        out.store(TransactionRecords.of(transaction));
    }

    /** The producer has this identity from now on, and no transaction. */
    void identify(ProducerIdentity now, ProducerIdentity before, int timeoutMs) {
        transaction.clearParticipants();
        transaction.forgetConnection();
        save(
                transaction
                        .stored()
                        .in(TransactionState.EMPTY, nowMs)
                        .since(Transaction.NO_TIME)
                        .within(timeoutMs)
                        .as(now, before));
    }

    /** Partitions take part; the first of them begin the transaction. */
    void add(Collection<Participant> participants) {
        participants.forEach(transaction::add);
        Stored before = transaction.stored();
        save(
                before.state() == TransactionState.ONGOING
                        ? before.in(TransactionState.ONGOING, nowMs)
                        : before.in(TransactionState.ONGOING, nowMs)
                                .since(nowMs)
                                .as(before.producer(), ProducerIdentity.NONE));
    }

    /** Decides, in the epoch that the transaction was written in. */
    void decide(boolean commit) {
        prepare(transaction.stored().ending(false, TransactionRequest.NO_ID), commit);
    }

    /**
     * Decides, and raises the epoch with the markers (KIP-890).
     *
     * @param nextId the id that the producer goes on with, where its epochs have run out
     */
    void decideAndRaise(boolean commit, long nextId) {
        ProducerIdentity before = transaction.producer();
        prepare(transaction.stored().ending(true, nextId).as(raised(before), before), commit);
    }

    /** Aborts, and raises the epoch so that the producer can write no more. */
    void fence() {
        prepare(
                transaction
                        .stored()
                        .ending(true, TransactionRequest.NO_ID)
                        .as(raised(transaction.producer()), ProducerIdentity.NONE),
                false);
    }

    private static ProducerIdentity raised(ProducerIdentity producer) {
        return new ProducerIdentity(producer.id(), (short) (producer.epoch() + 1));
    }

    private void prepare(Stored ending, boolean commit) {
        save(ending.in(TransactionState.prepared(commit), nowMs));
        transaction.startTelling();
        if (transaction.participants().isEmpty()) {
            complete();
        } else {
            tell();
        }
    }

    /** Has everybody told who was not yet, and is not being told. */
    void tell() {
        Set<Participant> now = transaction.takeUntold();
        if (!now.isEmpty()) {
            out.effect(
                    new WriteMarkers(
                            transaction.id(),
                            transaction.producer(),
                            transaction.state() == TransactionState.PREPARE_COMMIT,
                            transaction.stored().epochRaised(),
                            List.copyOf(now)));
        }
    }

    /** Everybody has been told. */
    void complete() {
        Stored before = transaction.stored();
        boolean commit = before.state() == TransactionState.PREPARE_COMMIT;
        transaction.clearParticipants();
        Stored after =
                before.in(TransactionState.complete(commit), nowMs)
                        .since(Transaction.NO_TIME)
                        .ending(false, TransactionRequest.NO_ID);
        boolean moves = before.nextId() != TransactionRequest.NO_ID;
        save(
                moves
                        ? after.as(new ProducerIdentity(before.nextId(), (short) 0), before.last())
                        : after);
    }

    /** The identity that the client goes on with after its decision. */
    ProducerIdentity afterwards() {
        Stored now = transaction.stored();
        return now.nextId() == TransactionRequest.NO_ID
                ? now.producer()
                : new ProducerIdentity(now.nextId(), (short) 0);
    }
}
