package io.millrace.broker.transaction;

/** What a request comes to. */
public sealed interface TransactionReply {
    TransactionError error();

    /** The producer's identity from now on; none if there is an error. */
    record Identified(TransactionError error, ProducerIdentity producer)
            implements TransactionReply {}

    /** Nothing but whether it went well. */
    record Plain(TransactionError error) implements TransactionReply {}

    /** The request is to come again with an id that nobody has. */
    record NeedsProducerId() implements TransactionReply {
        @Override
        public TransactionError error() {
            return TransactionError.COORDINATOR_NOT_AVAILABLE;
        }
    }
}
