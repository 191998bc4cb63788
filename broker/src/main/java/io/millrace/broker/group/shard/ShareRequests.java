package io.millrace.broker.group.shard;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupReply.Plain;
import io.millrace.broker.group.ShareHeartbeat;
import io.millrace.broker.group.share.ShareGroup;
import io.millrace.broker.group.share.ShareRecords;
import io.millrace.broker.group.share.ShareTurn;
import org.jspecify.annotations.Nullable;

/** What members of share groups ask of a shard, whatever kind of group they meet. */
record ShareRequests<T>(Turn<T> turn) {
    private static final String MAX_SIZE = "group.share.max.size";

    void heartbeat(T request, ShareHeartbeat beat) {
        Beat refusal = ShareTurn.refusal(beat);
        turn.out().reply(request, refusal == null ? answer(beat) : refusal);
    }

    /** Makes a group without members, unless there is one. */
    void begin(T request, String id) {
        Group<T> group = turn.groups().find(id);
        if (group == null) {
            var members = new ShareGroup(id);
            turn.out().store(ShareRecords.begun(members));
            turn.groups().add(new Group<>(id, new Kind.Share<>(members)));
        }
        boolean other = group != null && members(group) == null;
        turn.out()
                .reply(request, new Plain(other ? GroupError.GROUP_ID_NOT_FOUND : GroupError.NONE));
    }

    private Beat answer(ShareHeartbeat beat) {
        Group<T> group = turn.groups().find(beat.group());
        ShareGroup members = group == null ? fresh(beat) : members(group);
        if (members == null) {
            return Beat.failed(
                    GroupError.GROUP_ID_NOT_FOUND, "There is no share group " + beat.group());
        }
        int maxSize = turn.cluster().setting(beat.group(), MAX_SIZE);
        Beat answer =
                new ShareTurn(members, turn.cluster(), turn.out(), turn.nowMs())
                        .heartbeat(beat, maxSize);
        if (group == null && answer.error() == GroupError.NONE) {
            turn.groups().add(new Group<>(beat.group(), new Kind.Share<>(members)));
        }
        return answer;
    }

    private static @Nullable ShareGroup fresh(ShareHeartbeat beat) {
        return beat.epoch() == ShareHeartbeat.JOIN ? new ShareGroup(beat.group()) : null;
    }

    private static <T> @Nullable ShareGroup members(Group<T> group) {
        return group.kind() instanceof Kind.Share<T>(ShareGroup members) ? members : null;
    }
}
