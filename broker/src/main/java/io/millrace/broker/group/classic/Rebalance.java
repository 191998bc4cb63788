package io.millrace.broker.group.classic;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.JoinedMember;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Join;
import io.millrace.broker.group.GroupRequest.Leaver;
import io.millrace.broker.group.GroupRequest.Sync;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.Output;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a classic group's members come, agree and go: Kafka's join and sync phases, with dynamic
 * members (KIP-394) and static ones (KIP-345). One step changes one group and fills one output.
 */
public final class Rebalance<T> {
    private static final int PENDING_SYNC_FLOOR_MS = 1000;

    private final GroupLimits limits;
    private final ClassicGroup<T> group;
    private final Output<T> out;
    private final long nowMs;

    public Rebalance(GroupLimits limits, ClassicGroup<T> group, Output<T> out, long nowMs) {
        this.limits = limits;
        this.group = group;
        this.out = out;
        this.nowMs = nowMs;
    }

    public void join(T request, Join join) {
        if (!group.supports(join.protocolType(), join.protocols())) {
            refuse(request, join, GroupError.INCONSISTENT_GROUP_PROTOCOL);
        } else if (join.memberId().isEmpty()) {
            joinNew(request, join);
        } else if (group.pendingMembers().containsKey(join.memberId())) {
            admit(request, join, join.memberId());
        } else {
            joinKnown(request, join);
        }
    }

    private void refuse(T request, Join join, GroupError error) {
        out.reply(request, Joined.failed(error, join.memberId()));
    }

    private void joinNew(T request, Join join) {
        String instanceId = join.instanceId();
        String present = instanceId == null ? null : group.staticMember(instanceId);
        if (present != null) {
            replaceStatic(request, join, present);
        } else if (group.size() >= limits.maxSize()) {
            refuse(request, join, GroupError.GROUP_MAX_SIZE_REACHED);
        } else if (instanceId == null && join.idRequired()) {
            group.expect(join.freshMemberId(), nowMs + join.timeouts().sessionMs());
            out.reply(request, Joined.failed(GroupError.MEMBER_ID_REQUIRED, join.freshMemberId()));
        } else {
            admit(request, join, join.freshMemberId());
        }
    }

    private void admit(T request, Join join, String memberId) {
        var member =
                new Member<T>(
                        memberId,
                        join.instanceId(),
                        join.client(),
                        join.timeouts(),
                        join.protocols());
        group.add(member, join.protocolType());
        group.renew(member, nowMs);
        member.awaitJoin(request);
        if (group.isGathering()) {
            group.noteJoinWhileGathering();
        }
        prepareOrGoOn();
    }

    private void joinKnown(T request, Join join) {
        GroupError error = identity(join.memberId(), join.instanceId());
        Member<T> member = group.member(join.memberId());
        if (error != GroupError.NONE || member == null) {
            refuse(request, join, error);
            return;
        }
        group.renew(member, nowMs);
        boolean changed = !member.offersAsBefore(join.protocols());
        boolean rejoins =
                switch (group.state()) {
                    case PREPARING_REBALANCE -> true;
                    case COMPLETING_REBALANCE -> changed;
                    case STABLE -> changed || group.isLeader(member.id());
                    case EMPTY, NOT_READY, ASSIGNING, RECONCILING, DEAD -> false;
                };
        if (rejoins) {
            member.update(join);
            supersede(member, request);
            prepareOrGoOn();
        } else {
            out.reply(request, joined(member, join.skipsAssignment()));
        }
    }

    /** A request sent again takes the place of the one that waits. */
    private void supersede(Member<T> member, T request) {
        T earlier = member.awaitingJoin();
        if (earlier != null) {
            out.reply(earlier, Joined.failed(GroupError.REBALANCE_IN_PROGRESS, member.id()));
        }
        member.awaitJoin(request);
    }

    private GroupError identity(String memberId, @Nullable String instanceId) {
        GroupError error = group.check(new Claim(group.generation(), memberId, instanceId));
        return error == GroupError.ILLEGAL_GENERATION ? GroupError.NONE : error;
    }

    /** A static member came back under a new id: it takes over its old one's place. */
    private void replaceStatic(T request, Join join, String oldId) {
        Member<T> old = group.member(oldId);
        if (old == null) {
            throw new IllegalStateException("static member " + oldId + " is not there");
        }
        fence(old);
        boolean led = group.isLeader(oldId);
        String leaderBefore = group.leader();
        ByteBuffer assignment = old.assignment();
        group.remove(old);
        var member =
                new Member<T>(
                        join.freshMemberId(),
                        join.instanceId(),
                        join.client(),
                        join.timeouts(),
                        join.protocols());
        group.add(member, join.protocolType());
        member.assign(assignment);
        group.renew(member, nowMs);
        if (led) {
            group.lead(member.id());
        }
        if (group.is(GroupState.STABLE) && group.agreesStill()) {
            // Nothing that was agreed changes: no rebalance, only the member's new id is stored.
            out.store(ClassicRecords.group(group));
            out.reply(request, rejoined(member, join, leaderBefore));
            return;
        }
        member.awaitJoin(request);
        prepareOrGoOn();
    }

    /**
     * A leader that knows KIP-814 keeps the role and skips the assignment. One that does not is
     * told that its former id leads, so that it follows.
     */
    private Joined rejoined(Member<T> member, Join join, @Nullable String leaderBefore) {
        if (group.isLeader(member.id()) && !join.skipsAssignment()) {
            var answer = joined(member, false);
            return new Joined(
                    GroupError.NONE,
                    answer.generation(),
                    answer.protocolType(),
                    answer.protocol(),
                    leaderBefore == null ? "" : leaderBefore,
                    member.id(),
                    false,
                    List.of());
        }
        return joined(member, join.skipsAssignment());
    }

    private void fence(Member<T> old) {
        T joining = old.awaitingJoin();
        if (joining != null) {
            out.reply(joining, Joined.failed(GroupError.FENCED_INSTANCE_ID, old.id()));
        }
        T syncing = old.awaitingSync();
        if (syncing != null) {
            out.reply(syncing, Synced.failed(GroupError.FENCED_INSTANCE_ID));
        }
    }

    private Joined joined(Member<T> member, boolean skipAssignment) {
        boolean leads = group.isLeader(member.id());
        var members = new ArrayList<JoinedMember>();
        if (leads) {
            for (Member<T> each : group.members()) {
                members.add(
                        new JoinedMember(
                                each.id(), each.instanceId(), each.metadata(group.protocol())));
            }
        }
        String leader = group.leader();
        return new Joined(
                GroupError.NONE,
                group.generation(),
                group.protocolType(),
                group.protocol(),
                leader == null ? "" : leader,
                member.id(),
                leads && skipAssignment && group.is(GroupState.STABLE),
                members);
    }

    /** Starts a rebalance, or finishes the one under way if this was all it waited for. */
    void prepareOrGoOn() {
        switch (group.state()) {
            case STABLE, COMPLETING_REBALANCE, EMPTY -> prepare();
            case PREPARING_REBALANCE, NOT_READY, ASSIGNING, RECONCILING, DEAD -> {}
        }
        finishIfAllJoined();
    }

    private void finishIfAllJoined() {
        if (group.is(GroupState.PREPARING_REBALANCE)
                && !group.isGathering()
                && group.haveAllJoined()) {
            completeJoin();
        }
    }

    private void prepare() {
        if (group.is(GroupState.COMPLETING_REBALANCE)) {
            failSyncs();
        }
        boolean first = group.is(GroupState.EMPTY);
        group.enter(GroupState.PREPARING_REBALANCE, nowMs);
        long delay = limits.initialRebalanceDelayMs();
        if (first && delay > 0) {
            group.gather(true, Math.max(0, group.longestRebalanceMs() - delay));
            group.endPhaseAt(nowMs + delay);
        } else {
            group.gather(false, 0);
            group.endPhaseAt(nowMs + group.longestRebalanceMs());
        }
    }

    private void failSyncs() {
        for (Member<T> member : group.members()) {
            T waiting = member.awaitingSync();
            if (waiting != null) {
                member.awaitSync(null);
                group.renew(member, nowMs);
                out.reply(waiting, Synced.failed(GroupError.REBALANCE_IN_PROGRESS));
            }
            member.clearAssignment();
        }
    }

    /** The time of a phase is over. */
    private void phaseEnded() {
        group.endPhaseAt(Long.MAX_VALUE);
        if (group.is(GroupState.PREPARING_REBALANCE)) {
            if (group.isGathering()
                    && group.hasJoinedWhileGathering()
                    && group.gatheringLeftMs() > 0) {
                long more = Math.min(limits.initialRebalanceDelayMs(), group.gatheringLeftMs());
                group.gather(true, group.gatheringLeftMs() - more);
                group.endPhaseAt(nowMs + more);
            } else {
                completeJoin();
            }
        } else {
            removeUnsynced();
        }
    }

    private void removeUnsynced() {
        List<Member<T>> silent = group.members().stream().filter(Member::owesSync).toList();
        silent.forEach(group::remove);
        if (!silent.isEmpty()) {
            membersLeft();
        }
    }

    private void completeJoin() {
        group.gather(false, 0);
        for (Member<T> member : List.copyOf(group.members())) {
            if (member.awaitingJoin() == null && !member.isStatic()) {
                group.remove(member);
            }
        }
        if (!electJoinedLeader() && !group.members().isEmpty()) {
            // Only static members that have not come back: wait for them until their sessions end.
            group.endPhaseAt(nowMs + group.longestRebalanceMs());
            return;
        }
        group.nextGeneration();
        if (group.members().isEmpty()) {
            group.endPhaseAt(Long.MAX_VALUE);
            group.lead(null);
            group.enter(GroupState.EMPTY, nowMs);
            out.store(ClassicRecords.group(group));
            return;
        }
        group.enter(GroupState.COMPLETING_REBALANCE, nowMs);
        group.endPhaseAt(nowMs + Math.max(group.longestRebalanceMs(), PENDING_SYNC_FLOOR_MS));
        for (Member<T> member : group.members()) {
            T waiting = member.awaitingJoin();
            group.renew(member, nowMs);
            member.oweSync(true);
            if (waiting != null) {
                member.awaitJoin(null);
                out.reply(waiting, joined(member, false));
            }
        }
    }

    private boolean electJoinedLeader() {
        String leader = group.leader();
        Member<T> present = leader == null ? null : group.member(leader);
        if (present != null && present.awaitingJoin() != null) {
            return true;
        }
        for (Member<T> member : group.members()) {
            if (member.awaitingJoin() != null) {
                group.lead(member.id());
                return true;
            }
        }
        return false;
    }

    public void sync(T request, Sync sync) {
        GroupError error = group.check(sync.claim());
        if (error == GroupError.NONE && !agrees(sync)) {
            error = GroupError.INCONSISTENT_GROUP_PROTOCOL;
        }
        Member<T> member = group.member(sync.claim().memberId());
        if (error != GroupError.NONE || member == null) {
            out.reply(request, Synced.failed(error));
            return;
        }
        group.renew(member, nowMs);
        switch (group.state()) {
            case PREPARING_REBALANCE ->
                    out.reply(request, Synced.failed(GroupError.REBALANCE_IN_PROGRESS));
            case COMPLETING_REBALANCE -> {
                T earlier = member.awaitingSync();
                if (earlier != null) {
                    out.reply(earlier, Synced.failed(GroupError.REBALANCE_IN_PROGRESS));
                }
                member.oweSync(false);
                member.awaitSync(request);
                if (group.isLeader(member.id())) {
                    assign(sync);
                }
            }
            case STABLE -> {
                member.oweSync(false);
                endPhaseIfAllSynced();
                out.reply(request, synced(member));
            }
            case EMPTY, NOT_READY, ASSIGNING, RECONCILING, DEAD ->
                    out.reply(request, Synced.failed(GroupError.UNKNOWN_MEMBER_ID));
        }
    }

    /** Who joined and never asks for its assignment goes when the phase ends, even once stable. */
    private void endPhaseIfAllSynced() {
        if (group.haveAllSynced()) {
            group.endPhaseAt(Long.MAX_VALUE);
        }
    }

    private boolean agrees(Sync sync) {
        String type = sync.protocolType();
        String name = sync.protocolName();
        return (type == null || type.equals(group.protocolType()))
                && (name == null || name.equals(group.protocol()));
    }

    private void assign(Sync sync) {
        group.enter(GroupState.STABLE, nowMs);
        endPhaseIfAllSynced();
        for (Member<T> member : group.members()) {
            ByteBuffer assigned = sync.assignments().get(member.id());
            member.assign(assigned == null ? ByteBuffer.allocate(0) : assigned);
        }
        out.store(ClassicRecords.group(group));
        for (Member<T> member : group.members()) {
            T waiting = member.awaitingSync();
            if (waiting != null) {
                member.awaitSync(null);
                group.renew(member, nowMs);
                out.reply(waiting, synced(member));
            }
        }
    }

    private Synced synced(Member<T> member) {
        return new Synced(
                GroupError.NONE, group.protocolType(), group.protocol(), member.assignment());
    }

    public GroupError heartbeat(Claim claim) {
        GroupError error = group.check(claim);
        Member<T> member = group.member(claim.memberId());
        if (error != GroupError.NONE || member == null) {
            return error;
        }
        group.renew(member, nowMs);
        return group.is(GroupState.PREPARING_REBALANCE)
                ? GroupError.REBALANCE_IN_PROGRESS
                : GroupError.NONE;
    }

    /** Members that say that they go; one outcome each. */
    public List<GroupError> leave(List<Leaver> leavers) {
        var outcomes = new ArrayList<GroupError>(leavers.size());
        int before = group.members().size();
        for (Leaver leaver : leavers) {
            outcomes.add(leave(leaver));
        }
        if (group.members().size() < before) {
            membersLeft();
        } else {
            finishIfAllJoined();
        }
        return outcomes;
    }

    private GroupError leave(Leaver leaver) {
        String memberId = leaver.memberId();
        String instanceId = leaver.instanceId();
        if (instanceId != null) {
            String present = group.staticMember(instanceId);
            if (present == null) {
                return GroupError.UNKNOWN_MEMBER_ID;
            }
            if (!memberId.isEmpty() && !memberId.equals(present)) {
                return GroupError.FENCED_INSTANCE_ID;
            }
            memberId = present;
        } else if (group.pendingMembers().remove(memberId) != null) {
            return GroupError.NONE;
        }
        Member<T> member = group.member(memberId);
        if (member == null) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        drop(member);
        return GroupError.NONE;
    }

    private void drop(Member<T> member) {
        T joining = member.awaitingJoin();
        if (joining != null) {
            out.reply(joining, Joined.failed(GroupError.UNKNOWN_MEMBER_ID, member.id()));
        }
        T syncing = member.awaitingSync();
        if (syncing != null) {
            out.reply(syncing, Synced.failed(GroupError.UNKNOWN_MEMBER_ID));
        }
        group.remove(member);
    }

    private void membersLeft() {
        if (group.is(GroupState.EMPTY) || group.is(GroupState.DEAD)) {
            return;
        }
        prepareOrGoOn();
        if (group.members().isEmpty() && group.is(GroupState.PREPARING_REBALANCE)) {
            completeJoin();
        }
    }

    /** Removes members whose sessions have ended and ids that nobody came back for. */
    public void expire() {
        boolean pendingGone = group.pendingMembers().values().removeIf(endsMs -> endsMs <= nowMs);
        int before = group.members().size();
        for (Member<T> member : List.copyOf(group.members())) {
            if (member.sessionEndsMs() <= nowMs) {
                drop(member);
            }
        }
        if (group.members().size() < before) {
            membersLeft();
        } else if (pendingGone) {
            finishIfAllJoined();
        }
        if (group.phaseEndsMs() <= nowMs) {
            phaseEnded();
        }
        group.findWake();
    }
}
