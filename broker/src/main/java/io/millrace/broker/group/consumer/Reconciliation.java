package io.millrace.broker.group.consumer;

import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.group.consumer.ConsumerMember.Phase;
import io.millrace.broker.group.consumer.ConsumerMember.Position;
import io.millrace.broker.group.member.Holding;

/**
 * How a member gets from what it has to what it is to have: it gives up first, and gets only what
 * nobody has. It stays in its epoch until it has given up, so that others can tell.
 *
 * @param targetEpoch the epoch that the target was made for
 * @param free whether a partition is nobody's
 */
record Reconciliation(int targetEpoch, Partitions.Test free) {
    /** The next position of a member whose client has what is given. */
    Position next(ConsumerMember member, Owned owned) {
        Position now = member.position();
        return switch (now.phase()) {
            case STABLE -> now.epoch() == targetEpoch ? now : advance(member, owned);
            case UNREVOKED -> owned.mayHaveSomeOf(now.revoking()) ? now : advance(member, owned);
            case UNRELEASED -> advance(member, owned);
        };
    }

    private Position advance(ConsumerMember member, Owned owned) {
        Position now = member.position();
        Partitions target = member.target();
        Holding kept = now.held().where(target::contains);
        Holding revoking = now.held().where((topic, each) -> !target.contains(topic, each));
        if (!revoking.isEmpty() && owned.mayHaveSomeOf(revoking)) {
            return now.at(now.epoch(), Phase.UNREVOKED, kept, revoking);
        }
        Partitions missing = target.where((topic, each) -> !kept.contains(topic, each));
        Partitions granted = missing.where(free);
        Phase phase = granted.size() < missing.size() ? Phase.UNRELEASED : Phase.STABLE;
        return now.at(targetEpoch, phase, kept.plus(granted, targetEpoch), Holding.NONE);
    }
}
