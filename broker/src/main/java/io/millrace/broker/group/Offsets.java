package io.millrace.broker.group;

import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Commit;
import io.millrace.broker.group.GroupRequest.Offset;
import io.millrace.broker.group.GroupRequest.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a group's offsets are committed, deleted and forgotten (KIP-211). */
final class Offsets<T> {
    private final GroupLimits limits;
    private final ClassicGroup<T> group;
    private final Output<T> out;
    private final long nowMs;

    Offsets(GroupLimits limits, ClassicGroup<T> group, Output<T> out, long nowMs) {
        this.limits = limits;
        this.group = group;
        this.out = out;
        this.nowMs = nowMs;
    }

    /** Commits; one outcome an offset. */
    List<GroupError> commit(Commit commit) {
        GroupError refused = mayCommit(commit.claim());
        var outcomes = new ArrayList<GroupError>(commit.offsets().size());
        for (Offset offset : commit.offsets()) {
            if (refused != GroupError.NONE) {
                outcomes.add(refused);
            } else if (offset.metadata().length() > limits.maxMetadataBytes()) {
                outcomes.add(GroupError.OFFSET_METADATA_TOO_LARGE);
            } else {
                put(offset);
                outcomes.add(GroupError.NONE);
            }
        }
        Member<T> member = group.member(commit.claim().memberId());
        if (refused == GroupError.NONE && member != null) {
            member.renewSession(nowMs);
        }
        return outcomes;
    }

    private void put(Offset offset) {
        var place = new Place(offset.topic(), offset.partition());
        var committed =
                new CommittedOffset(
                        offset.offset(), offset.leaderEpoch(), offset.metadata(), nowMs);
        group.offsets().put(place, committed);
        out.store(GroupRecord.offset(group.id(), place, committed));
    }

    private GroupError mayCommit(Claim claim) {
        boolean standalone =
                claim.generation() < 0 && claim.memberId().isEmpty() && claim.instanceId() == null;
        if (claim.generation() < 0 && group.is(GroupState.EMPTY)) {
            return GroupError.NONE;
        }
        if (standalone) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        GroupError error = group.check(claim);
        if (error == GroupError.NONE && group.is(GroupState.COMPLETING_REBALANCE)) {
            return GroupError.REBALANCE_IN_PROGRESS;
        }
        return error;
    }

    /** Deletes offsets of topics that nobody subscribes to; one outcome each. */
    List<GroupError> delete(List<Place> places) {
        boolean empty = group.is(GroupState.EMPTY);
        Set<String> subscribed = group.subscribedTopics();
        var outcomes = new ArrayList<GroupError>(places.size());
        for (Place place : places) {
            if (!empty && (subscribed == null || subscribed.contains(place.topic()))) {
                outcomes.add(GroupError.GROUP_SUBSCRIBED_TO_TOPIC);
            } else {
                remove(place);
                outcomes.add(GroupError.NONE);
            }
        }
        return outcomes;
    }

    /** Whether offsets can be deleted at all: of a group that is empty, or of consumers. */
    boolean mayDelete() {
        return group.is(GroupState.EMPTY) || group.protocolType().equals("consumer");
    }

    private void remove(Place place) {
        if (group.offsets().remove(place) != null) {
            out.store(GroupRecord.offsetGone(group.id(), place));
        }
    }

    /** Forgets all offsets of a topic that is gone. */
    void forgetTopic(String topic) {
        removeAll(places(place -> place.topic().equals(topic)));
    }

    /** Forgets offsets that have outlived the group's members. */
    void expire() {
        Set<String> subscribed = group.subscribedTopics();
        boolean standalone = group.protocolType().isEmpty();
        long newest = nowMs - limits.offsetsRetentionMs();
        if (group.is(GroupState.EMPTY) && !standalone) {
            if (group.stateSinceMs() <= newest) {
                removeAll(places(place -> true));
            }
        } else if (subscribed != null && (standalone || group.is(GroupState.STABLE))) {
            removeAll(
                    places(place -> !subscribed.contains(place.topic()) && isOlder(place, newest)));
        }
    }

    private boolean isOlder(Place place, long newestMs) {
        @Nullable CommittedOffset offset = group.offsets().get(place);
        return offset != null && offset.committedMs() <= newestMs;
    }

    private List<Place> places(java.util.function.Predicate<Place> which) {
        return group.offsets().keySet().stream().filter(which).toList();
    }

    private void removeAll(List<Place> places) {
        places.forEach(this::remove);
    }
}
