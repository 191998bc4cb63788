package io.millrace.cluster.replication;

/**
 * A follower of a partition in one epoch of its leader: what to do with each answer of the leader
 * (KIP-101, KIP-595). Stateless but for the epoch: the log is the state.
 *
 * @param leader whom it follows
 * @param leaderEpoch in which
 */
public record FollowerReplica(int leader, int leaderEpoch) {
    /**
     * The follower's log.
     *
     * @param flushed everything before it is on disk; what the follower asks for
     */
    public record Log(long start, long flushed, long end) {}

    /**
     * Where the follower's log ends in an epoch.
     *
     * @param epoch the largest that is not above the one asked for
     */
    public record EpochEnd(int epoch, long endOffset) {}

    /** What the leader's answer says, beside records. */
    public sealed interface Answer {
        /**
         * The logs are one up to what was asked for.
         *
         * @param logStart of the leader
         * @param highWatermark of the leader
         */
        record Records(long logStart, long highWatermark) implements Answer {}

        /** The logs part: the leader's ends in an epoch, at most the follower's last, there. */
        record Diverging(int epoch, long endOffset) implements Answer {}

        /** What was asked for is not in the leader's log, which is from here to there. */
        record OutOfRange(long logStart, long logEnd) implements Answer {}
    }

    /** What the follower does. */
    public sealed interface Step {
        /** Appends the records, if there are any; what is committed is known then. */
        record Append(long logStart, long highWatermark) implements Step {}

        /** Cuts its log off, and asks again. */
        record Truncate(long offset) implements Step {}

        /** Throws its log away, and begins anew there. */
        record RestartAt(long offset) implements Step {}
    }

    /**
     * What to do with an answer.
     *
     * @param ownEnd of the follower's log in the epoch of {@link Answer.Diverging}, where the logs
     *     are one at most; else not looked at
     */
    public Step on(Answer answer, Log log, EpochEnd ownEnd) {
        return switch (answer) {
            case Answer.Records(long logStart, long highWatermark) ->
                    logStart > log.end()
                            ? new Step.RestartAt(logStart)
                            : new Step.Append(logStart, highWatermark);
            case Answer.Diverging(int _, long endOffset) ->
                    new Step.Truncate(
                            Math.clamp(
                                    Math.min(endOffset, ownEnd.endOffset()),
                                    log.start(),
                                    log.end()));
            case Answer.OutOfRange(long logStart, long logEnd) ->
                    logEnd < log.end() && logEnd >= log.start()
                            ? new Step.Truncate(logEnd)
                            : new Step.RestartAt(logStart);
        };
    }

    /** What a follower may show of its log: committed, and on its disk. */
    public static long highWatermark(long leaderHighWatermark, long flushed) {
        return Math.min(leaderHighWatermark, flushed);
    }
}
