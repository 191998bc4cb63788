package io.millrace.cluster.replication;

/** Mistakes to plant, each of which the simulation has to find. */
enum Mistake {
    NONE,
    /** Acknowledges what only the leader has. */
    ACK_BEFORE_IN_SYNC,
    /** A follower says that it has what is not on its disk yet. */
    SYNC_SKIPPED,
    /** A follower shows all that it has. */
    HIGH_WATERMARK_AHEAD,
    /** A follower keeps what its leader does not have. */
    TRUNCATION_SKIPPED,
    /** A leader does not look at the epoch of a fetch, nor a follower at that of an answer. */
    EPOCH_NOT_CHECKED,
    /** A follower takes an answer to a fetch that it has given up, or one that comes twice. */
    LATE_ANSWER_TAKEN,
    /** Who was in sync is forgotten when it leaves, however few remain. */
    MINIMUM_NOT_CHECKED,
    /** A new leader tells where the log ends before it knows what was committed. */
    END_TOLD_EARLY
}
