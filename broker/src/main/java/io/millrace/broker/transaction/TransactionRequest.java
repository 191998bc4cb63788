package io.millrace.broker.transaction;

import java.util.List;

/** What producers, partitions and administrators ask of the coordinator. */
public sealed interface TransactionRequest {
    /** No id was allocated for this request. */
    long NO_ID = -1;

    /** The order of connections does not matter. */
    long ANY_CONNECTION = 0;

    String transactionalId();

    /**
     * Begins a producer's session and fences those before it.
     *
     * @param producer what the client believes to be, if it goes on after an error (KIP-360)
     * @param freshId an id that nobody has, {@link #NO_ID} until one is needed
     */
    record Initialize(
            String transactionalId, int timeoutMs, ProducerIdentity producer, long freshId)
            implements TransactionRequest {}

    /**
     * Adds partitions to the transaction; the first begin it.
     *
     * @param connection number of the client's connection, rising with time: a request that comes
     *     over an older one than the last is late; {@link #ANY_CONNECTION} if a partition asks
     *     (KIP-890)
     */
    record Add(
            String transactionalId,
            ProducerIdentity producer,
            List<Participant> participants,
            long connection)
            implements TransactionRequest {}

    /** Asks whether a partition is part of the open transaction. */
    record Verify(String transactionalId, ProducerIdentity producer, Participant participant)
            implements TransactionRequest {}

    /**
     * Decides the transaction.
     *
     * @param raisesEpoch whether the client takes another epoch for its next (KIP-890)
     * @param freshId an id that nobody has, {@link #NO_ID} until one is needed
     */
    record End(
            String transactionalId,
            ProducerIdentity producer,
            boolean commit,
            boolean raisesEpoch,
            long connection,
            long freshId)
            implements TransactionRequest {}
}
