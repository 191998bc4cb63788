package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupRequest.Timeouts;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.group.classic.ClassicGroup;
import io.millrace.broker.group.classic.ClassicMemberState;
import io.millrace.broker.group.consumer.ConsumerMember.ClassicSide;
import io.millrace.broker.group.consumer.ConsumerMember.Identity;
import io.millrace.broker.group.consumer.ConsumerMember.Phase;
import io.millrace.broker.group.consumer.ConsumerMember.Position;
import io.millrace.broker.group.consumer.ConsumerMember.Wants;
import io.millrace.broker.group.consumer.EmbeddedProtocol.Subscription;
import io.millrace.broker.group.member.Holding;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Moves a group with members from one protocol to the other, so that clients can be replaced one by
 * one: members keep their ids, their generations become epochs and back, and what each has stays
 * its own. Stateless.
 */
public final class Migration {
    private Migration() {}

    /**
     * The consumer group that the members of a classic group make; null if what they said to each
     * other cannot be read.
     */
    public static @Nullable ConsumerGroup toConsumer(
            ClassicGroup<?> classic, ClusterView cluster, Output<?> out, long nowMs) {
        var group = new ConsumerGroup(classic.id());
        int epoch = Math.max(1, classic.generation());
        group.restore(epoch, epoch, 0);
        var turn = new ConsumerTurn(group, cluster, out, nowMs);
        for (ClassicMemberState state : classic.states()) {
            ConsumerMember member = member(state, epoch, group, cluster);
            if (member == null) {
                return null;
            }
            turn.put(member);
            group.beginWaits(member, nowMs, state.timeouts().sessionMs());
        }
        turn.touchGroup();
        turn.finish();
        return group;
    }

    private static @Nullable ConsumerMember member(
            ClassicMemberState state, int epoch, ConsumerGroup group, ClusterView cluster) {
        Subscription subscription =
                state.protocols().isEmpty()
                        ? null
                        : EmbeddedProtocol.subscription(state.protocols().getFirst().metadata());
        Partitions assigned = EmbeddedProtocol.assignment(state.assignment(), cluster);
        if (subscription == null || assigned == null) {
            return null;
        }
        // A leader may have given a partition to two members. Only one can have it here.
        Partitions own =
                assigned.where((topic, each) -> group.owners().isFreeFor(state.id(), topic, each));
        return new ConsumerMember(
                state.id(),
                new Identity(
                        state.instanceId(),
                        subscription.rackId(),
                        state.client(),
                        state.timeouts().rebalanceMs()),
                new Wants(new TreeSet<>(subscription.topics()), "", ""),
                new ClassicSide(state.timeouts().sessionMs(), state.protocols()),
                new Position(
                        epoch, epoch, Phase.STABLE, Holding.NONE.plus(own, epoch), Holding.NONE),
                own);
    }

    /** The members of a consumer group of which all speak the classic protocol. */
    public static List<ClassicMemberState> toClassic(ConsumerGroup group, ClusterView cluster) {
        var states = new ArrayList<ClassicMemberState>();
        for (ConsumerMember member : group.members()) {
            ClassicSide classic = member.classic();
            if (classic == null) {
                throw new IllegalStateException(member.id() + " speaks the consumer protocol");
            }
            states.add(
                    new ClassicMemberState(
                            member.id(),
                            member.identity().instanceId(),
                            member.identity().client(),
                            new Timeouts(
                                    classic.sessionTimeoutMs(),
                                    member.identity().rebalanceTimeoutMs()),
                            classic.protocols(),
                            EmbeddedProtocol.encode(
                                    member.target(),
                                    classic.protocols().getFirst().metadata(),
                                    cluster)));
        }
        return states;
    }

    /** Forgets the records of all members, since the group's own record tells all from now on. */
    public static void forgetMembers(ConsumerGroup group, Output<?> out) {
        group.members()
                .forEach(member -> out.store(ConsumerRecords.memberGone(group.id(), member.id())));
    }
}
