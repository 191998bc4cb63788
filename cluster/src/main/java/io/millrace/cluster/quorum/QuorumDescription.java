package io.millrace.cluster.quorum;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The state of the quorum as one node sees it.
 *
 * @param leader who leads, if that is known
 * @param highWatermark the end of what is committed, if that is known
 * @param voters who votes, with the leader; empty if told by a node that does not lead
 * @param observers who only reads along; likewise
 */
public record QuorumDescription(
        OptionalInt leader,
        int epoch,
        OptionalLong highWatermark,
        List<Replica> voters,
        List<Replica> observers) {
    /**
     * One node's copy of the log.
     *
     * @param logEndOffset how far it is known to reach; -1 if that is not known
     * @param lastFetchMs when it last asked for records, in milliseconds since the epoch; -1 if not
     * @param lastCaughtUpMs when it last had all of them; likewise
     */
    public record Replica(int nodeId, long logEndOffset, long lastFetchMs, long lastCaughtUpMs) {}
}
