package io.millrace.storage.producer;

/**
 * Says that the coordinator has been asked about the batch's transaction, and that it is open.
 *
 * @param number of the wait, from {@link ProducerStates#beginVerification}
 * @param startsAtZero whether the producer has an epoch a transaction, so that the first sequence
 *     of a partition in it is 0 (KIP-890)
 */
public record Verification(long number, boolean startsAtZero) {}
