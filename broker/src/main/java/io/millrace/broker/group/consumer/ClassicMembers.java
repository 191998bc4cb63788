package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Join;
import io.millrace.broker.group.GroupRequest.Leaver;
import io.millrace.broker.group.GroupRequest.Protocol;
import io.millrace.broker.group.GroupRequest.Sync;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.consumer.ConsumerMember.ClassicSide;
import io.millrace.broker.group.consumer.ConsumerMember.Identity;
import io.millrace.broker.group.consumer.ConsumerMember.Phase;
import io.millrace.broker.group.consumer.ConsumerMember.Wants;
import io.millrace.broker.group.consumer.EmbeddedProtocol.Subscription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Members of a consumer group that still speak the classic protocol: the coordinator does for them
 * what their leader did, and their generation is their epoch. Used for one request, on the loop.
 */
public final class ClassicMembers {
    private static final String CONSUMER = "consumer";

    private final ConsumerGroup group;
    private final ClusterView cluster;
    private final ConsumerTurn turn;
    private final long nowMs;

    public ClassicMembers(ConsumerGroup group, ClusterView cluster, Output<?> out, long nowMs) {
        this.group = group;
        this.cluster = cluster;
        this.turn = new ConsumerTurn(group, cluster, out, nowMs);
        this.nowMs = nowMs;
    }

    /** A member joins, or joins again because it was told to. */
    public Joined join(Join join, int maxSize) {
        Subscription subscription =
                join.protocols().isEmpty()
                        ? null
                        : EmbeddedProtocol.subscription(join.protocols().getFirst().metadata());
        if (subscription == null || !group.supports(join.protocolType(), join.protocols())) {
            return refused(join, GroupError.INCONSISTENT_GROUP_PROTOCOL);
        }
        String instanceId = join.instanceId();
        boolean unknown = join.memberId().isEmpty();
        if (unknown && instanceId == null && join.idRequired()) {
            return Joined.failed(GroupError.MEMBER_ID_REQUIRED, join.freshMemberId());
        }
        ConsumerMember instance = instanceId == null ? null : group.instance(instanceId);
        GroupError error = check(join, instance, maxSize);
        return error == GroupError.NONE
                ? admit(join, subscription, instance)
                : refused(join, error);
    }

    private static Joined refused(Join join, GroupError error) {
        return Joined.failed(error, join.memberId());
    }

    private GroupError check(Join join, @Nullable ConsumerMember instance, int maxSize) {
        boolean known = group.member(join.memberId()) != null || instance != null;
        if (!known && group.members().size() >= maxSize) {
            return GroupError.GROUP_MAX_SIZE_REACHED;
        }
        if (join.instanceId() == null || join.memberId().isEmpty()) {
            return GroupError.NONE;
        }
        if (instance == null) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        return instance.id().equals(join.memberId())
                ? GroupError.NONE
                : GroupError.FENCED_INSTANCE_ID;
    }

    private Joined admit(Join join, Subscription subscription, @Nullable ConsumerMember instance) {
        String id = join.memberId().isEmpty() ? join.freshMemberId() : join.memberId();
        ConsumerMember before = instance == null ? group.member(id) : instance;
        if (instance != null && !instance.id().equals(id)) {
            before = instance.renamed(id);
            turn.replace(instance.id(), before);
        }
        boolean fresh = before == null;
        ConsumerMember known = before == null ? ConsumerMember.fresh(id, join.client()) : before;
        ConsumerMember said = said(known, join, subscription);
        if (!said.equals(before)) {
            turn.put(said);
        }
        turn.prepare(fresh || !said.wants().asksForTheSame(known.wants()));
        ConsumerMember after = turn.reconcile(id, new Owned(subscription.owned(cluster)));
        group.waits().renew(id, nowMs + join.timeouts().sessionMs());
        group.waits().done(id);
        group.waits().ask(id, nowMs + join.timeouts().rebalanceMs());
        turn.finish();
        return new Joined(
                GroupError.NONE,
                after.position().epoch(),
                CONSUMER,
                join.protocols().getFirst().name(),
                "",
                id,
                false,
                List.of());
    }

    private static ConsumerMember said(ConsumerMember known, Join join, Subscription subscription) {
        String instanceId = join.instanceId();
        String rackId = subscription.rackId();
        return new ConsumerMember(
                known.id(),
                new Identity(
                        instanceId == null ? known.identity().instanceId() : instanceId,
                        rackId == null ? known.identity().rackId() : rackId,
                        join.client(),
                        join.timeouts().rebalanceMs()),
                new Wants(new TreeSet<>(subscription.topics()), "", ""),
                new ClassicSide(join.timeouts().sessionMs(), join.protocols()),
                known.position(),
                known.target());
    }

    /** A member asks for what it may use. */
    public Synced sync(Sync sync) {
        ConsumerMember member = group.member(sync.claim().memberId());
        GroupError error = check(sync.claim());
        if (error != GroupError.NONE || member == null || member.classic() == null) {
            return Synced.failed(error);
        }
        Protocol first = member.classic().protocols().getFirst();
        String type = sync.protocolType();
        String name = sync.protocolName();
        if ((type != null && !type.equals(CONSUMER))
                || (name != null && !name.equals(first.name()))) {
            return Synced.failed(GroupError.INCONSISTENT_GROUP_PROTOCOL);
        }
        if (group.epoch() > member.position().epoch()
                && member.position().phase() != Phase.UNREVOKED) {
            askToRejoin(member);
            return Synced.failed(GroupError.REBALANCE_IN_PROGRESS);
        }
        group.waits().done(member.id());
        group.waits().renew(member.id(), nowMs + member.classic().sessionTimeoutMs());
        return new Synced(
                GroupError.NONE,
                type,
                name,
                EmbeddedProtocol.encode(
                        member.position().held().partitions(), first.metadata(), cluster));
    }

    /** A member says that it is there, and hears whether it has to join again. */
    public GroupError heartbeat(Claim claim) {
        ConsumerMember member = group.member(claim.memberId());
        GroupError error = check(claim);
        if (error != GroupError.NONE || member == null || member.classic() == null) {
            return error;
        }
        group.waits().renew(member.id(), nowMs + member.classic().sessionTimeoutMs());
        boolean mayGoOn =
                switch (member.position().phase()) {
                    case STABLE -> false;
                    case UNREVOKED -> true;
                    case UNRELEASED -> !group.waitsForOthers(member);
                };
        if (mayGoOn || member.position().epoch() < group.epoch()) {
            askToRejoin(member);
            return GroupError.REBALANCE_IN_PROGRESS;
        }
        return GroupError.NONE;
    }

    private void askToRejoin(ConsumerMember member) {
        group.waits().ask(member.id(), nowMs + member.identity().rebalanceTimeoutMs());
    }

    private GroupError check(Claim claim) {
        String instanceId = claim.instanceId();
        ConsumerMember member =
                instanceId == null ? group.member(claim.memberId()) : group.instance(instanceId);
        if (member == null || !member.isClassic()) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        if (!member.id().equals(claim.memberId())) {
            return GroupError.FENCED_INSTANCE_ID;
        }
        return member.position().epoch() == claim.generation()
                ? GroupError.NONE
                : GroupError.ILLEGAL_GENERATION;
    }

    /** Members that say that they go; one outcome each. */
    public List<GroupError> leave(List<Leaver> leavers) {
        var outcomes = new ArrayList<GroupError>(leavers.size());
        Set<String> gone = new HashSet<>();
        for (Leaver leaver : leavers) {
            outcomes.add(leave(leaver, gone));
        }
        if (!gone.isEmpty()) {
            turn.fence(gone);
            turn.finish();
        }
        return outcomes;
    }

    private GroupError leave(Leaver leaver, Set<String> gone) {
        String instanceId = leaver.instanceId();
        ConsumerMember member =
                instanceId == null ? group.member(leaver.memberId()) : group.instance(instanceId);
        if (member == null || gone.contains(member.id())) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        boolean named = instanceId == null || !leaver.memberId().isEmpty();
        if (named && !member.id().equals(leaver.memberId())) {
            return GroupError.FENCED_INSTANCE_ID;
        }
        if (!member.isClassic()) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        gone.add(member.id());
        return GroupError.NONE;
    }
}
