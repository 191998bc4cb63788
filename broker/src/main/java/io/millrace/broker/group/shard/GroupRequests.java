package io.millrace.broker.group.shard;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Plain;
import io.millrace.broker.group.GroupRequest.Commit;
import io.millrace.broker.group.GroupRequest.DeleteOffsets;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.Membership;
import io.millrace.broker.group.RecordKeys;
import io.millrace.broker.group.offsets.CommittedOffsets;
import io.millrace.broker.shard.StoredRecord;
import java.util.HashSet;
import java.util.List;

/** What is asked of groups of every kind: to keep offsets, to forget them, to be gone. */
record GroupRequests<T>(Turn<T> turn) {
    void commit(T request, Commit commit) {
        Group<T> group = turn.groups().find(commit.group());
        if (group == null && commit.claim().generation() >= 0) {
            GroupError error =
                    commit.byEpoch()
                            ? GroupError.GROUP_ID_NOT_FOUND
                            : GroupError.ILLEGAL_GENERATION;
            turn.out().reply(request, GroupShard.refusal(commit, error));
            return;
        }
        if (group == null) {
            group = Group.bare(commit.group(), turn.nowMs());
        }
        List<GroupError> outcomes =
                group.offsets()
                        .commit(
                                commit.offsets(),
                                group.members()
                                        .commitCheck(
                                                commit.claim(), commit.byEpoch(), turn.cluster()),
                                turn.limits().maxMetadataBytes(),
                                new CommittedOffsets.Arrival(turn.groups().order(), turn.nowMs()),
                                turn.out());
        if (outcomes.contains(GroupError.NONE)) {
            turn.groups().add(group);
            group.members().committed(commit.claim(), turn.nowMs());
        }
        turn.out().reply(request, new Each(GroupError.NONE, outcomes));
    }

    void deleteOffsets(T request, DeleteOffsets delete) {
        Group<T> group = turn.groups().find(delete.group());
        GroupError error =
                group == null ? GroupError.GROUP_ID_NOT_FOUND : group.members().mayDeleteOffsets();
        if (group == null || error != GroupError.NONE) {
            turn.out().reply(request, GroupShard.refusal(delete, error));
            return;
        }
        List<GroupError> outcomes =
                group.offsets().delete(delete.places(), group.members().subscribed(), turn.out());
        var deleted = new HashSet<Place>();
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i) == GroupError.NONE) {
                deleted.add(delete.places().get(i));
            }
        }
        turn.groups().pending().forget(delete.group(), deleted, turn.out());
        turn.out().reply(request, new Each(GroupError.NONE, outcomes));
    }

    void delete(T request, String id) {
        Group<T> group = turn.groups().find(id);
        if (group == null) {
            turn.out().reply(request, new Plain(GroupError.GROUP_ID_NOT_FOUND));
        } else if (!group.members().isEmpty()) {
            turn.out().reply(request, new Plain(GroupError.NON_EMPTY_GROUP));
        } else {
            group.offsets().clear(turn.out());
            turn.groups().pending().forget(id, turn.out());
            drop(group);
            turn.out().reply(request, new Plain(GroupError.NONE));
        }
    }

    private void drop(Group<T> group) {
        turn.groups().remove(group.id());
        turn.out().store(new StoredRecord(RecordKeys.group(group.id()), null));
    }

    /** Forgets offsets that have outlived the group's members, and the group if it is bare then. */
    void expireOffsets(Group<T> group) {
        Membership members = group.members();
        group.offsets()
                .expire(
                        members.offsetAge(),
                        turn.limits().offsetsRetentionMs(),
                        turn.nowMs(),
                        turn.out());
        if (group.isBare()) {
            drop(group);
        }
    }
}
