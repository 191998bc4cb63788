package io.millrace.broker.group;

import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Place;
import java.util.function.Predicate;

/**
 * The members of a group, whatever its kind: what offsets, administration and time ask of them.
 * Mutable; belongs to its shard.
 */
public interface Membership {
    GroupType type();

    GroupState state();

    /** What the members say that they are, as "consumer"; empty if there never were any. */
    String protocolType();

    /** Whether the group can be deleted, or taken over by members of another kind. */
    default boolean isEmpty() {
        return state() == GroupState.EMPTY;
    }

    /** Whether there is nobody, nor anybody expected. */
    default boolean isDeserted() {
        return isEmpty();
    }

    /**
     * Whether whoever makes this claim may commit offsets, place by place.
     *
     * @param byEpoch whether the client knows of member epochs
     */
    CommitCheck commitCheck(Claim claim, boolean byEpoch, ClusterView cluster);

    /**
     * Whether a member may read offsets; NONE if so.
     *
     * @param memberId empty if whoever asks does not say that it is a member
     * @param epoch negative if it does not say which
     */
    default GroupError mayFetch(String memberId, int epoch) {
        return GroupError.NONE;
    }

    /** A commit was made under a claim that the check let pass. */
    default void committed(Claim claim, long nowMs) {}

    /** Whether offsets of this group may be deleted one by one; NONE if so. */
    default GroupError mayDeleteOffsets() {
        return GroupError.NONE;
    }

    /** Tells of a topic whether members need its offsets; valid until the members change. */
    Predicate<String> subscribed();

    /** Since when offsets count as unused; valid until the members change. */
    OffsetAge offsetAge();

    /** No later than time has something to do here; {@link Long#MAX_VALUE} if it has not. */
    long wakeMs();

    /** What stands against a commit to a place; NONE if nothing does. */
    @FunctionalInterface
    interface CommitCheck {
        GroupError of(Place place);
    }

    /** Since when an offset has not been needed. */
    @FunctionalInterface
    interface OffsetAge {
        /** In use, or kept whatever its age. */
        long NEVER = Long.MAX_VALUE;

        long unusedSinceMs(Place place, CommittedOffset offset);
    }
}
