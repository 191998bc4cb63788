package io.millrace.cluster.replication;

/** How far a follower is, as its leader knows. Mutable, for the sake of the fetch path. */
final class FollowerProgress {
    private long offset = -1;
    private long logStart;
    private long nodeEpoch = -1;
    private long fetchedAtMs;
    private long leaderEndAtFetch = -1;
    private long caughtUpAtMs;

    /**
     * @param nowMs a follower that is in sync is taken to be caught up when its leader begins
     */
    FollowerProgress(long nowMs) {
        caughtUpAtMs = nowMs;
        fetchedAtMs = nowMs;
    }

    /** The offset before which it has everything on disk; -1 if it was not heard of yet. */
    long offset() {
        return offset;
    }

    /** The registration that fetched last; -1 if it was not heard of yet, or does not say. */
    long nodeEpoch() {
        return nodeEpoch;
    }

    /** Where its log starts, as it said last; 0 if it has not. */
    long logStart() {
        return logStart;
    }

    /** It is in sync no more, and has to fetch before it can be again. */
    void leftInSync() {
        offset = -1;
        leaderEndAtFetch = -1;
    }

    void startsAt(long offset) {
        logStart = offset;
    }

    /** When it was last known to have all that the leader had. */
    long caughtUpAtMs() {
        return caughtUpAtMs;
    }

    /**
     * A fetch: it has everything before {@code fetched}. It was caught up now if that is the end of
     * the log; at its last fetch if it is what was the end then.
     */
    void fetched(long fetched, long byNodeEpoch, long leaderEnd, long nowMs) {
        if (fetched >= leaderEnd) {
            caughtUpAtMs = Math.max(caughtUpAtMs, nowMs);
        } else if (leaderEndAtFetch >= 0 && fetched >= leaderEndAtFetch) {
            caughtUpAtMs = Math.max(caughtUpAtMs, fetchedAtMs);
        }
        offset = fetched;
        nodeEpoch = byNodeEpoch;
        fetchedAtMs = nowMs;
        leaderEndAtFetch = leaderEnd;
    }

    /** Whether it lags: not caught up for so long, and not at the end of the log. */
    boolean lags(long leaderEnd, long nowMs, long maxLagMs) {
        return offset < leaderEnd && nowMs - caughtUpAtMs > maxLagMs;
    }
}
