package io.millrace.broker.group.streams;

import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.StreamsHeartbeat;
import io.millrace.broker.group.task.Tasks;
import org.jspecify.annotations.Nullable;

/**
 * A member of a streams group, as it is stored. Immutable.
 *
 * @param target what it is to have
 */
public record StreamsMember(String id, Identity identity, Position position, Tasks target) {
    /**
     * Who it is.
     *
     * @param processId of the process that it runs in
     * @param rebalanceTimeoutMs how long it may take to give tasks up
     * @param topologyEpoch of the topology that it runs
     */
    public record Identity(
            @Nullable String rackId,
            String processId,
            Client client,
            int rebalanceTimeoutMs,
            int topologyEpoch) {}

    /**
     * How far it has come.
     *
     * @param held what it may use
     * @param revoking what it was told to give up and has not yet said that it has
     */
    public record Position(int epoch, int previousEpoch, Phase phase, Tasks held, Tasks revoking) {
        static final Position START = new Position(0, 0, Phase.STABLE, Tasks.NONE, Tasks.NONE);

        Position at(int next, Phase nextPhase, Tasks nextHeld, Tasks nextRevoking) {
            int previous = next == epoch ? previousEpoch : epoch;
            return new Position(next, previous, nextPhase, nextHeld, nextRevoking);
        }
    }

    /** What keeps a member from what it is to have. */
    public enum Phase {
        /** Nothing: it is there, or may go on at once. */
        STABLE,
        /** It has tasks to give up. */
        UNREVOKED,
        /** Others have still to give up tasks that it is to have. */
        UNRELEASED
    }

    static StreamsMember fresh(StreamsHeartbeat beat) {
        return new StreamsMember(
                beat.memberId(),
                new Identity(null, "", beat.client(), 0, 0),
                Position.START,
                Tasks.NONE);
    }

    boolean isAtTarget(int targetEpoch) {
        return position.epoch() == targetEpoch && position.phase() == Phase.STABLE;
    }

    /** With what a heartbeat says anew. */
    StreamsMember updated(StreamsHeartbeat beat) {
        String rack = beat.rackId() == null ? identity.rackId() : beat.rackId();
        String process = beat.processId() == null ? identity.processId() : beat.processId();
        int timeoutMs =
                beat.rebalanceTimeoutMs() == -1
                        ? identity.rebalanceTimeoutMs()
                        : beat.rebalanceTimeoutMs();
        var topology = beat.topology();
        int epoch = topology == null ? identity.topologyEpoch() : topology.epoch();
        return new StreamsMember(
                id, new Identity(rack, process, beat.client(), timeoutMs, epoch), position, target);
    }

    StreamsMember at(Position next) {
        return new StreamsMember(id, identity, next, target);
    }

    StreamsMember withTarget(Tasks next) {
        return new StreamsMember(id, identity, position, next);
    }
}
