package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupError;
import org.jspecify.annotations.Nullable;

/**
 * Whether somebody who sends a heartbeat is let in, and as whom.
 *
 * @param member what is known of it; null if it is refused
 * @param replaces the id of the static member whose place it takes; null if of nobody
 */
record Admission(GroupError error, @Nullable ConsumerMember member, @Nullable String replaces) {
    private static Admission refused(GroupError error) {
        return new Admission(error, null, null);
    }

    private static Admission as(ConsumerMember member) {
        return new Admission(GroupError.NONE, member, null);
    }

    static Admission of(ConsumerHeartbeat beat, ConsumerGroup group, int maxSize) {
        boolean joins = beat.epoch() == ConsumerHeartbeat.JOIN;
        String instanceId = beat.instanceId();
        ConsumerMember instance = instanceId == null ? null : group.instance(instanceId);
        ConsumerMember known = group.member(beat.memberId());
        if (joins && known == null && instance == null && group.members().size() >= maxSize) {
            return refused(GroupError.GROUP_MAX_SIZE_REACHED);
        }
        if (instanceId == null) {
            return joins ? join(beat, known) : stay(beat, known);
        }
        if (joins) {
            return instance == null ? join(beat, known) : takeOver(beat, instance);
        }
        if (instance != null && !instance.id().equals(beat.memberId())) {
            return refused(GroupError.FENCED_INSTANCE_ID);
        }
        return stay(beat, instance);
    }

    private static Admission join(ConsumerHeartbeat beat, @Nullable ConsumerMember known) {
        String id = beat.memberId().isEmpty() ? beat.freshMemberId() : beat.memberId();
        return as(known == null ? ConsumerMember.fresh(id, beat.client()) : known);
    }

    /** A static member came again. One that is still there is not to be driven out. */
    private static Admission takeOver(ConsumerHeartbeat beat, ConsumerMember instance) {
        if (instance.id().equals(beat.memberId()) && !instance.isAway()) {
            return as(instance);
        }
        if (!instance.isAway() && !instance.isClassic()) {
            return refused(GroupError.UNRELEASED_INSTANCE_ID);
        }
        String id = beat.memberId().isEmpty() ? beat.freshMemberId() : beat.memberId();
        return new Admission(GroupError.NONE, instance.renamed(id), instance.id());
    }

    /**
     * A client one epoch behind has lost the last answer: it is let in if it shows that it has
     * nothing but what it may have.
     */
    private static Admission stay(ConsumerHeartbeat beat, @Nullable ConsumerMember known) {
        if (known == null) {
            return refused(GroupError.UNKNOWN_MEMBER_ID);
        }
        int epoch = known.position().epoch();
        boolean lostAnAnswer =
                beat.epoch() < epoch
                        && beat.epoch() == known.position().previousEpoch()
                        && new Owned(beat.owned()).isWithin(known.position().held());
        return beat.epoch() == epoch || lostAnAnswer
                ? as(known)
                : refused(GroupError.FENCED_MEMBER_EPOCH);
    }
}
