package io.millrace.storage.producer;

/**
 * A coordinator's decision about a producer's transaction in this partition.
 *
 * @param epoch of the producer from now on
 * @param coordinatorEpoch leader epoch of the coordinator that decided
 * @param raisesEpoch whether the transaction was written in an older epoch than {@code epoch}, as
 *     all are whose client bumps its epoch with each (KIP-890, transaction.version 2)
 */
public record TransactionEnd(
        long producerId, short epoch, int coordinatorEpoch, boolean commit, boolean raisesEpoch) {}
