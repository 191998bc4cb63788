package io.millrace.storage;

/** What came of bytes that a follower fetched from its leader. */
public sealed interface ReplicaAppend {
    /** The log's end after it. */
    long logEndOffset();

    /**
     * All whole batches are in the log, not yet durable.
     *
     * @param batches how many; 0 if the bytes hold no whole one
     */
    record Appended(int batches, long logEndOffset) implements ReplicaAppend {}

    /** A batch is not in the log, nor is any behind it; those before it, up to its end, are. */
    record Refused(Reason reason, String message, long logEndOffset) implements ReplicaAppend {}

    /** Why a batch was refused. */
    enum Reason {
        /** It is no batch of magic 2, or not as its CRC says. Fetching it again may help. */
        CORRUPT,
        /**
         * It begins before the log's end, or ends there. If the log is empty, restarting it helps.
         */
        OFFSET_BEFORE_END,
        /** Its leader epoch is older than the log's newest: the log has to be truncated first. */
        EPOCH_BEFORE_LATEST,
        /** The disk is full, or nearly. May heal. */
        DISK_FULL,
        /** The log failed earlier, or now. */
        OFFLINE
    }
}
