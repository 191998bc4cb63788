package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.GroupRequest.Protocol;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.group.member.Holding;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A member of a consumer group, as it is stored. Immutable.
 *
 * @param classic present while it speaks the classic protocol
 * @param target what it is to have
 */
public record ConsumerMember(
        String id,
        Identity identity,
        Wants wants,
        @Nullable ClassicSide classic,
        Position position,
        Partitions target) {
    /**
     * Who it is.
     *
     * @param rebalanceTimeoutMs how long it may take to give partitions up
     */
    public record Identity(
            @Nullable String instanceId,
            @Nullable String rackId,
            Client client,
            int rebalanceTimeoutMs) {}

    /**
     * What it would have.
     *
     * @param topics sorted
     * @param regex empty for none
     * @param assignor empty if it leaves that to others
     */
    public record Wants(Set<String> topics, String regex, String assignor) {
        boolean asksForTheSame(Wants other) {
            return topics.equals(other.topics) && regex.equals(other.regex);
        }
    }

    /** What is known of a member that speaks the classic protocol. */
    public record ClassicSide(int sessionTimeoutMs, List<Protocol> protocols) {}

    /**
     * How far it has come.
     *
     * @param held what it may use
     * @param revoking what it was told to give up and has not yet said that it has
     */
    public record Position(
            int epoch, int previousEpoch, Phase phase, Holding held, Holding revoking) {
        static final Position START = new Position(0, 0, Phase.STABLE, Holding.NONE, Holding.NONE);

        Position at(int next, Phase nextPhase, Holding nextHeld, Holding nextRevoking) {
            int previous = next == epoch ? previousEpoch : epoch;
            return new Position(next, previous, nextPhase, nextHeld, nextRevoking);
        }
    }

    /** What keeps a member from what it is to have. */
    public enum Phase {
        /** Nothing: it is there, or may go on at once. */
        STABLE,
        /** It has partitions to give up. */
        UNREVOKED,
        /** Others have still to give up partitions that it is to have. */
        UNRELEASED
    }

    static ConsumerMember fresh(String id, Client client) {
        return new ConsumerMember(
                id,
                new Identity(null, null, client, 0),
                new Wants(Set.of(), "", ""),
                null,
                Position.START,
                Partitions.NONE);
    }

    boolean isClassic() {
        return classic != null;
    }

    /** Whether it is a static member that has gone away for a while. */
    boolean isAway() {
        return position.epoch() == ConsumerHeartbeat.LEAVE_FOR_A_WHILE;
    }

    boolean isAtTarget(int targetEpoch) {
        return position.epoch() == targetEpoch && position.phase() == Phase.STABLE;
    }

    /** With what a heartbeat says anew. */
    ConsumerMember updated(ConsumerHeartbeat beat) {
        String instance = beat.instanceId() == null ? identity.instanceId() : beat.instanceId();
        String rack = beat.rackId() == null ? identity.rackId() : beat.rackId();
        int timeoutMs =
                beat.rebalanceTimeoutMs() == -1
                        ? identity.rebalanceTimeoutMs()
                        : beat.rebalanceTimeoutMs();
        List<String> topics = beat.topics();
        String regex = beat.regex();
        String assignor = beat.assignor();
        return new ConsumerMember(
                id,
                new Identity(instance, rack, beat.client(), timeoutMs),
                new Wants(
                        topics == null ? wants.topics() : new TreeSet<>(topics),
                        regex == null ? wants.regex() : regex,
                        assignor == null ? wants.assignor() : assignor),
                null,
                position,
                target);
    }

    ConsumerMember at(Position next) {
        return new ConsumerMember(id, identity, wants, classic, next, target);
    }

    ConsumerMember withTarget(Partitions next) {
        return new ConsumerMember(id, identity, wants, classic, position, next);
    }

    /** Another id in its place, which has yet to be told what it holds. */
    ConsumerMember renamed(String otherId) {
        var start = new Position(0, 0, Phase.STABLE, position.held(), Holding.NONE);
        return new ConsumerMember(otherId, identity, wants, classic, start, target);
    }
}
