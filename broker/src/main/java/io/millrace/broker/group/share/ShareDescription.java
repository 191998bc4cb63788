package io.millrace.broker.group.share;

import io.millrace.broker.group.GroupState;
import java.util.List;

/** What there is to say of a share group's members. */
public record ShareDescription(
        String id, GroupState state, int epoch, int targetEpoch, List<ShareMember> members) {
    public static ShareDescription of(ShareGroup group) {
        return new ShareDescription(
                group.id(),
                group.state(),
                group.epoch(),
                group.targetEpoch(),
                List.copyOf(group.members()));
    }
}
