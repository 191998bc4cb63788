package io.millrace.broker.group.shard;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.Plain;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest.Heartbeat;
import io.millrace.broker.group.GroupRequest.Join;
import io.millrace.broker.group.GroupRequest.Leave;
import io.millrace.broker.group.GroupRequest.Sync;
import io.millrace.broker.group.classic.ClassicGroup;
import io.millrace.broker.group.classic.Rebalance;
import io.millrace.broker.group.consumer.ClassicMembers;
import io.millrace.broker.group.consumer.ConsumerGroup;
import java.util.Collections;
import java.util.List;

/** What members of the classic protocol ask of a shard, whatever kind of group they meet. */
record ClassicRequests<T>(Turn<T> turn) {
    void join(T request, Join join) {
        int sessionMs = join.timeouts().sessionMs();
        Group<T> group = turn.groups().find(join.group());
        if (sessionMs < turn.limits().minSessionTimeoutMs()
                || sessionMs > turn.limits().maxSessionTimeoutMs()) {
            reply(request, Joined.failed(GroupError.INVALID_SESSION_TIMEOUT, join.memberId()));
        } else if (group == null && !join.memberId().isEmpty()) {
            reply(request, Joined.failed(GroupError.UNKNOWN_MEMBER_ID, join.memberId()));
        } else {
            Group<T> joined = turn.groups().findOrMake(join.group(), turn.nowMs());
            join(joined, request, join);
        }
    }

    private void join(Group<T> group, T request, Join join) {
        boolean leavesOffsets = !(group.kind() instanceof Kind.Share<T>);
        if (group.classic() == null && leavesOffsets && group.members().isEmpty()) {
            group.become(new Kind.Classic<>(new ClassicGroup<>(group.id(), turn.nowMs())));
        }
        switch (group.kind()) {
            case Kind.Classic<T>(ClassicGroup<T> members) -> rebalance(members).join(request, join);
            case Kind.Consumer<T>(ConsumerGroup members) -> {
                int maxSize = turn.cluster().setting(group.id(), ConsumerRequests.MAX_SIZE);
                reply(request, among(members).join(join, maxSize));
                new Migrations<>(turn).downgradeIfAllAreClassic(group);
            }
            case Kind.Share<T> _, Kind.Streams<T> _ ->
                    reply(
                            request,
                            Joined.failed(GroupError.INCONSISTENT_GROUP_PROTOCOL, join.memberId()));
        }
    }

    void sync(T request, Sync sync) {
        switch (kind(sync.group())) {
            case Kind.Classic<T>(ClassicGroup<T> members) -> rebalance(members).sync(request, sync);
            case Kind.Consumer<T>(ConsumerGroup members) ->
                    reply(request, among(members).sync(sync));
            case Kind.Share<T> _, Kind.Streams<T> _ ->
                    reply(request, Synced.failed(GroupError.UNKNOWN_MEMBER_ID));
        }
    }

    void heartbeat(T request, Heartbeat beat) {
        GroupError error =
                switch (kind(beat.group())) {
                    case Kind.Classic<T>(ClassicGroup<T> members) ->
                            rebalance(members).heartbeat(beat.claim());
                    case Kind.Consumer<T>(ConsumerGroup members) ->
                            among(members).heartbeat(beat.claim());
                    case Kind.Share<T> _, Kind.Streams<T> _ -> GroupError.UNKNOWN_MEMBER_ID;
                };
        reply(request, new Plain(error));
    }

    void leave(T request, Leave leave) {
        List<GroupError> outcomes =
                switch (kind(leave.group())) {
                    case Kind.Classic<T>(ClassicGroup<T> members) ->
                            rebalance(members).leave(leave.leavers());
                    case Kind.Consumer<T>(ConsumerGroup members) ->
                            among(members).leave(leave.leavers());
                    case Kind.Share<T> _, Kind.Streams<T> _ ->
                            Collections.nCopies(
                                    leave.leavers().size(), GroupError.UNKNOWN_MEMBER_ID);
                };
        reply(request, new Each(GroupError.NONE, outcomes));
    }

    /** The members of a group; nobody, in the classic way, if there is no such group. */
    private Kind<T> kind(String id) {
        Group<T> group = turn.groups().find(id);
        return group == null
                ? new Kind.Classic<>(new ClassicGroup<>(id, turn.nowMs()))
                : group.kind();
    }

    private Rebalance<T> rebalance(ClassicGroup<T> group) {
        return new Rebalance<>(turn.limits(), group, turn.out(), turn.nowMs());
    }

    private ClassicMembers among(ConsumerGroup members) {
        return new ClassicMembers(members, turn.cluster(), turn.out(), turn.nowMs());
    }

    private void reply(T request, GroupReply reply) {
        turn.out().reply(request, reply);
    }
}
