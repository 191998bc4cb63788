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
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
        if (group.kind() instanceof Kind.Consumer<T> && group.members().isEmpty()) {
            group.become(new Kind.Classic<>(new ClassicGroup<>(group.id(), turn.nowMs())));
        }
        switch (group.kind()) {
            case Kind.Classic<T>(ClassicGroup<T> members) -> rebalance(members).join(request, join);
            case Kind.Consumer<T> _, Kind.Share<T> _ ->
                    reply(
                            request,
                            Joined.failed(GroupError.INCONSISTENT_GROUP_PROTOCOL, join.memberId()));
        }
    }

    void sync(T request, Sync sync) {
        ClassicGroup<T> group = classic(sync.group());
        if (group == null) {
            reply(request, Synced.failed(GroupError.UNKNOWN_MEMBER_ID));
        } else {
            rebalance(group).sync(request, sync);
        }
    }

    void heartbeat(T request, Heartbeat beat) {
        ClassicGroup<T> group = classic(beat.group());
        reply(
                request,
                new Plain(
                        group == null
                                ? GroupError.UNKNOWN_MEMBER_ID
                                : rebalance(group).heartbeat(beat.claim())));
    }

    void leave(T request, Leave leave) {
        ClassicGroup<T> group = classic(leave.group());
        List<GroupError> outcomes =
                group == null
                        ? Collections.nCopies(leave.leavers().size(), GroupError.UNKNOWN_MEMBER_ID)
                        : rebalance(group).leave(leave.leavers());
        reply(request, new Each(GroupError.NONE, outcomes));
    }

    /** The classic members of a group; null if there is no such group, or it is of another kind. */
    private @Nullable ClassicGroup<T> classic(String id) {
        Group<T> group = turn.groups().find(id);
        return group == null ? null : group.classic();
    }

    private Rebalance<T> rebalance(ClassicGroup<T> group) {
        return new Rebalance<>(turn.limits(), group, turn.out(), turn.nowMs());
    }

    private void reply(T request, GroupReply reply) {
        turn.out().reply(request, reply);
    }
}
