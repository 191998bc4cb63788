package io.millrace.broker.group.shard;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.StreamsHeartbeat;
import io.millrace.broker.group.StreamsHeartbeat.Answer;
import io.millrace.broker.group.streams.StreamsGroup;
import io.millrace.broker.group.streams.StreamsRules;
import io.millrace.broker.group.streams.StreamsTurn;
import org.jspecify.annotations.Nullable;

/** What members of streams groups ask of a shard, whatever kind of group they meet. */
record StreamsRequests<T>(Turn<T> turn) {
    private static final String MAX_SIZE = "group.streams.max.size";

    void heartbeat(T request, StreamsHeartbeat beat) {
        Answer refusal = StreamsRules.refusal(beat);
        turn.out().reply(request, refusal == null ? answer(beat) : refusal);
    }

    private Answer answer(StreamsHeartbeat beat) {
        Group<T> group = turn.groups().find(beat.group());
        boolean joins = beat.epoch() == StreamsHeartbeat.JOIN;
        StreamsGroup members = group == null ? fresh(beat.group(), joins) : members(group, joins);
        if (members == null) {
            return Answer.failed(
                    GroupError.GROUP_ID_NOT_FOUND, "There is no streams group " + beat.group());
        }
        int maxSize = turn.cluster().setting(beat.group(), MAX_SIZE);
        Answer answer =
                new StreamsTurn(members, turn.cluster(), turn.out(), turn.nowMs())
                        .heartbeat(beat, maxSize);
        if (answer.error() == GroupError.NONE) {
            turn.groups()
                    .findOrMake(beat.group(), turn.nowMs())
                    .become(new Kind.Streams<>(members));
        }
        return answer;
    }

    private static @Nullable StreamsGroup fresh(String id, boolean joins) {
        return joins ? new StreamsGroup(id) : null;
    }

    /** An application that ran with the classic protocol goes on where it has committed. */
    private @Nullable StreamsGroup members(Group<T> group, boolean joins) {
        if (group.kind() instanceof Kind.Streams<T>(StreamsGroup members)) {
            return members;
        }
        boolean takesOver = joins && group.classic() != null && group.members().isEmpty();
        return takesOver ? new StreamsGroup(group.id()) : null;
    }
}
