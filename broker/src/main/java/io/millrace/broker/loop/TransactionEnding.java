package io.millrace.broker.loop;

/** How a partition answers to the end of a transaction. */
public enum TransactionEnding {
    /** Nothing of it is open here, for good. */
    ENDED,
    /** The partition is no more. */
    GONE,
    /** A newer epoch of the producer has written since. */
    STALE_EPOCH,
    /** A newer coordinator has decided since. */
    STALE_COORDINATOR,
    /** It could not be stored: to be told again. */
    UNAVAILABLE
}
