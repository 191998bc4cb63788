package io.millrace.storage.producer;

/** What becomes of a batch that names its producer. */
public sealed interface Decision {
    /** It continues the producer's sequence: append it. */
    record Fresh() implements Decision {}

    /** It has been appended before: acknowledge it again, with the offsets it has. */
    record Repeated(ProducerBatch earlier) implements Decision {}

    /** It leaves a gap in the sequence. */
    record OutOfOrder(String message) implements Decision {}

    /** A newer instance of the producer has taken over. */
    record Fenced(String message) implements Decision {}

    /** It is not part of an open transaction that the coordinator knows of, and ought to be. */
    record NotInTransaction(String message) implements Decision {}
}
