package io.millrace.storage.producer;

/** What becomes of a decision about a transaction. */
public enum EndDecision {
    /** It ends what is open: write the marker. */
    WRITE,
    /** Nothing is open: it was ended before, or nothing was ever written. No marker is needed. */
    NOTHING_OPEN,
    /** A newer epoch has written since: the decision is about a transaction of the past. */
    STALE_EPOCH,
    /** A newer coordinator has decided since. */
    STALE_COORDINATOR
}
