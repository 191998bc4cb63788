package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.Membership.CommitCheck;
import org.jspecify.annotations.Nullable;

/**
 * Whether a member may commit under an epoch: its own; or an earlier one for what it has had since
 * then, since the client may not have heard of the later one yet.
 */
record EpochCheck(ConsumerMember member, int epoch, ClusterView cluster) implements CommitCheck {
    @Override
    public GroupError of(Place place) {
        int current = member.position().epoch();
        if (epoch == current) {
            return GroupError.NONE;
        }
        if (member.isClassic()) {
            return GroupError.ILLEGAL_GENERATION;
        }
        return epoch >= 0 && epoch < current && hasHad(place)
                ? GroupError.NONE
                : GroupError.STALE_MEMBER_EPOCH;
    }

    private boolean hasHad(Place place) {
        ClusterView.@Nullable Topic topic = cluster.topic(place.topic());
        if (topic == null) {
            return false;
        }
        Integer since = member.position().held().sinceEpoch(topic.id(), place.partition());
        if (since == null) {
            since = member.position().revoking().sinceEpoch(topic.id(), place.partition());
        }
        return since != null && epoch >= since;
    }
}
