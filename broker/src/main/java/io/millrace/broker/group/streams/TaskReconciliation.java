package io.millrace.broker.group.streams;

import io.millrace.broker.group.StreamsHeartbeat.OwnedTasks;
import io.millrace.broker.group.streams.StreamsMember.Phase;
import io.millrace.broker.group.streams.StreamsMember.Position;
import io.millrace.broker.group.task.Tasks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a member gets from the tasks that it has to those that it is to have: it gives up first, and
 * gets only what nobody is in the way of. It stays in its epoch until it has given up.
 */
record TaskReconciliation(int targetEpoch, TaskOwners owners) {
    /**
     * The next position of a member.
     *
     * @param owned what its client says that it has; null if it does not say
     */
    Position next(StreamsMember member, @Nullable List<OwnedTasks> owned) {
        Position now = member.position();
        return switch (now.phase()) {
            case STABLE -> now.epoch() == targetEpoch ? now : advance(member, owned);
            case UNREVOKED -> mayHaveSomeOf(owned, now.revoking()) ? now : advance(member, owned);
            case UNRELEASED -> advance(member, owned);
        };
    }

    private Position advance(StreamsMember member, @Nullable List<OwnedTasks> owned) {
        Position now = member.position();
        Tasks kept = now.held().and(member.target());
        Tasks revoking = now.held().minus(member.target());
        if (!revoking.isEmpty() && mayHaveSomeOf(owned, revoking)) {
            return now.at(now.epoch(), Phase.UNREVOKED, kept, revoking);
        }
        Tasks missing = member.target().minus(kept);
        var granted =
                new Tasks(
                        missing.active().where((id, each) -> owners.mayProcess(member, id, each)),
                        missing.standby()
                                .where((id, each) -> owners.mayKeepWarm(member, id, each)));
        Phase phase = granted.size() < missing.size() ? Phase.UNRELEASED : Phase.STABLE;
        return now.at(targetEpoch, phase, kept.plus(granted), Tasks.NONE);
    }

    private static boolean mayHaveSomeOf(@Nullable List<OwnedTasks> owned, Tasks tasks) {
        return owned == null
                || owned.stream()
                        .anyMatch(each ->
                                each.partitions().stream()
                                        .anyMatch(partition ->
                                                tasks.has(each.subtopology(), partition)));
    }
}
