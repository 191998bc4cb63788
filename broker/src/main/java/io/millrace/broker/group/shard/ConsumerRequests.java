package io.millrace.broker.group.shard;

import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.classic.ClassicGroup;
import io.millrace.broker.group.consumer.ConsumerGroup;
import io.millrace.broker.group.consumer.ConsumerTurn;
import org.jspecify.annotations.Nullable;

/** What members of the consumer protocol ask of a shard, whatever kind of group they meet. */
record ConsumerRequests<T>(Turn<T> turn) {
    static final String MAX_SIZE = "group.consumer.max.size";

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
        ConsumerGroup members = group == null ? fresh(beat) : members(group, joins);
        if (members == null) {
            return Beat.failed(
                    GroupError.GROUP_ID_NOT_FOUND, "There is no consumer group " + beat.group());
        }
        int maxSize = turn.cluster().setting(beat.group(), MAX_SIZE);
        Beat answer =
                new ConsumerTurn(members, turn.cluster(), turn.out(), turn.nowMs())
                        .heartbeat(beat, maxSize);
        if (!members.isEmpty() || group != null) {
            Group<T> served = turn.groups().findOrMake(beat.group(), turn.nowMs());
            served.become(new Kind.Consumer<>(members));
            new Migrations<>(turn).downgradeIfAllAreClassic(served);
        }
        return answer;
    }

    private static @Nullable ConsumerGroup fresh(ConsumerHeartbeat beat) {
        return beat.epoch() == ConsumerHeartbeat.JOIN ? new ConsumerGroup(beat.group()) : null;
    }

    private @Nullable ConsumerGroup upgrade(ClassicGroup<T> classic) {
        return new Migrations<>(turn).upgrade(classic);
    }

    /** The consumer members of a group, or what can become them; null if there are others. */
    private @Nullable ConsumerGroup members(Group<T> group, boolean joins) {
        if (group.kind() instanceof Kind.Consumer<T>(ConsumerGroup members)) {
            return members;
        }
        ClassicGroup<T> classic = group.classic();
        if (!joins || classic == null) {
            return null;
        }
        return classic.isEmpty() ? new ConsumerGroup(group.id()) : upgrade(classic);
    }
}
