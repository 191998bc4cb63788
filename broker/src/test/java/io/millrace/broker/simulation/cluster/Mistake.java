package io.millrace.broker.simulation.cluster;

/** Mistakes to plant around the code of production, each of which the simulation has to find. */
enum Mistake {
    NONE,
    /** A producer is answered when the leader has its records on disk. */
    ACK_BEFORE_IN_SYNC,
    /** A leader tells its followers that all it has is committed. */
    HIGH_WATERMARK_AHEAD,
    /** A leader does not look for where a follower's log has parted from its own. */
    TRUNCATION_SKIPPED,
    /**
     * Neither does a leader look at the epoch of a fetch, nor a follower at that in which it asked
     * for what it is answered.
     */
    EPOCH_NOT_CHECKED,
    /** A voter gives its vote before that is on disk. */
    VOTE_NOT_SYNCED,
    /** Disks say that they have synced, and have not. */
    SYNC_LOST,
    /** Whoever was in sync is forgotten when it leaves, however few remain. */
    MINIMUM_NOT_CHECKED
}
