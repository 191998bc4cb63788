package io.millrace.broker.group.shard;

import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.consumer.ConsumerGroup;
import io.millrace.broker.group.consumer.ConsumerTurn;
import org.jspecify.annotations.Nullable;

/** What members of the consumer protocol ask of a shard, whatever kind of group they meet. */
record ConsumerRequests<T>(Turn<T> turn) {
    private static final String MAX_SIZE = "group.consumer.max.size";

    void heartbeat(T request, ConsumerHeartbeat beat) {
        turn.out().reply(request, answer(beat));
    }

    private GroupReply answer(ConsumerHeartbeat beat) {
        Beat refusal = ConsumerTurn.refusal(beat);
        if (refusal != null) {
            return refusal;
        }
        boolean joins = beat.epoch() == ConsumerHeartbeat.JOIN;
        Group<T> group = turn.groups().find(beat.group());
        ConsumerGroup members = group == null ? null : members(group, joins);
        if (members == null && (group != null || !joins)) {
            return Beat.failed(
                    GroupError.GROUP_ID_NOT_FOUND,
                    "There is no consumer group %s".formatted(beat.group()));
        }
        if (members == null) {
            members = new ConsumerGroup(beat.group());
        }
        int maxSize = turn.cluster().setting(beat.group(), MAX_SIZE);
        Beat answer =
                new ConsumerTurn(members, turn.cluster(), turn.out(), turn.nowMs())
                        .heartbeat(beat, maxSize);
        if (answer.error() == GroupError.NONE) {
            turn.groups()
                    .findOrMake(beat.group(), turn.nowMs())
                    .become(new Kind.Consumer<>(members));
        }
        return answer;
    }

    /** The consumer members of a group, or what can become them; null if there are others. */
    private @Nullable ConsumerGroup members(Group<T> group, boolean joins) {
        if (group.kind() instanceof Kind.Consumer<T>(ConsumerGroup members)) {
            return members;
        }
        boolean takesOver = joins && group.classic() != null && group.members().isEmpty();
        return takesOver ? new ConsumerGroup(group.id()) : null;
    }
}
