package io.millrace.broker.transaction;

/**
 * How a partition has answered to its marker.
 *
 * @param producer with the epoch of the marker
 * @param done whether the transaction has ended there for good; else it is to be told again
 */
public record MarkerAnswer(
        String transactionalId, ProducerIdentity producer, Participant participant, boolean done) {}
