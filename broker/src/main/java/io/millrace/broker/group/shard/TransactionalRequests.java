package io.millrace.broker.group.shard;

import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Enlisted;
import io.millrace.broker.group.GroupReply.Plain;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Enlist;
import io.millrace.broker.group.GroupRequest.Offset;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.GroupRequest.TransactionalCommit;
import io.millrace.broker.group.Membership.CommitCheck;
import io.millrace.broker.group.offsets.PendingOffsets;
import io.millrace.storage.producer.EndDecision;
import io.millrace.storage.producer.TransactionEnd;
import java.util.ArrayList;
import java.util.Map;

/**
 * Offsets that are committed with a transaction (KIP-98, KIP-447): pending until it ends, and then
 * all of them committed, or none.
 */
record TransactionalRequests<T>(Turn<T> turn) {
    private PendingOffsets pending() {
        return turn.groups().pending();
    }

    void enlist(T request, Enlist enlist) {
        var writer = new PendingOffsets.Writer(enlist.producerId(), enlist.producerEpoch());
        turn.out()
                .reply(
                        request,
                        pending().isLate(writer, enlist.connection())
                                ? new Enlisted(GroupError.INVALID_TXN_STATE, 0)
                                : new Enlisted(GroupError.NONE, pending().enlist(writer)));
    }

    void commit(T request, TransactionalCommit commit) {
        GroupError refused = check(commit);
        pending().withdraw(commit.producerId(), commit.number());
        if (refused != GroupError.NONE) {
            turn.out().reply(request, GroupShard.refusal(commit, refused));
            return;
        }
        CommitCheck check = checkOf(commit);
        var outcomes = new ArrayList<GroupError>(commit.offsets().size());
        for (Offset offset : commit.offsets()) {
            outcomes.add(add(commit, offset, check));
        }
        Group<T> group = turn.groups().find(commit.group());
        if (group != null && outcomes.contains(GroupError.NONE)) {
            group.members().committed(commit.claim(), turn.nowMs());
        }
        turn.out().reply(request, new Each(GroupError.NONE, outcomes));
    }

    private GroupError check(TransactionalCommit commit) {
        boolean unknown =
                turn.groups().find(commit.group()) == null && commit.claim().generation() >= 0;
        if (unknown) {
            return commit.byEpoch() ? GroupError.GROUP_ID_NOT_FOUND : GroupError.ILLEGAL_GENERATION;
        }
        return pending().check(writer(commit), commit.number());
    }

    /** A producer that does not say whose offsets it commits may commit any. */
    private CommitCheck checkOf(TransactionalCommit commit) {
        Claim claim = commit.claim();
        boolean anonymous =
                claim.generation() < 0 && claim.memberId().isEmpty() && claim.instanceId() == null;
        Group<T> group = turn.groups().find(commit.group());
        if (anonymous || group == null) {
            return place -> GroupError.NONE;
        }
        // Unlike OffsetCommit, every version may come from a member that has an epoch (KIP-848).
        CommitCheck check = group.members().commitCheck(claim, true, turn.cluster());
        return commit.byEpoch() ? check : place -> withoutEpochs(check.of(place));
    }

    /** What older producers are told of an epoch that has passed. */
    private static GroupError withoutEpochs(GroupError error) {
        return error == GroupError.STALE_MEMBER_EPOCH ? GroupError.ILLEGAL_GENERATION : error;
    }

    private static PendingOffsets.Writer writer(TransactionalCommit commit) {
        return new PendingOffsets.Writer(commit.producerId(), commit.producerEpoch());
    }

    private GroupError add(TransactionalCommit commit, Offset offset, CommitCheck check) {
        var place = new Place(offset.topic(), offset.partition());
        GroupError error = check.of(place);
        if (error == GroupError.NONE
                && offset.metadata().length() > turn.limits().maxMetadataBytes()) {
            error = GroupError.OFFSET_METADATA_TOO_LARGE;
        }
        if (error == GroupError.NONE) {
            CommittedOffset committed =
                    offset.committed(turn.groups().order().next(), turn.nowMs());
            pending().put(writer(commit), commit.group(), place, committed, turn.out());
        }
        return error;
    }

    private void settle(String group, Map<Place, CommittedOffset> offsets) {
        Group<T> settled = turn.groups().findOrMake(group, turn.nowMs());
        offsets.forEach((place, offset) -> settled.offsets().settle(place, offset, turn.out()));
    }

    void end(T request, TransactionEnd end) {
        EndDecision decision = pending().decide(end);
        if (decision == EndDecision.WRITE) {
            if (end.commit()) {
                pending().of(end.producerId()).forEach(this::settle);
            }
            pending().ended(end.producerId(), turn.out());
        }
        turn.out()
                .reply(
                        request,
                        new Plain(
                                switch (decision) {
                                    case WRITE, NOTHING_OPEN -> GroupError.NONE;
                                    case STALE_EPOCH -> GroupError.INVALID_PRODUCER_EPOCH;
                                    case STALE_COORDINATOR ->
                                            GroupError.TRANSACTION_COORDINATOR_FENCED;
                                }));
    }
}
