package io.millrace.broker.group.classic;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.Output;

/** How members of a classic group go over to another protocol, or come from one. */
public record Handover<T>(GroupLimits limits, ClassicGroup<T> group, Output<T> out, long nowMs) {
    /** The members go: who waits has to join again. */
    public void give() {
        for (Member<T> member : group.members()) {
            T joining = member.awaitingJoin();
            if (joining != null) {
                out.reply(joining, Joined.failed(GroupError.REBALANCE_IN_PROGRESS, member.id()));
            }
            T syncing = member.awaitingSync();
            if (syncing != null) {
                out.reply(syncing, Synced.failed(GroupError.REBALANCE_IN_PROGRESS));
            }
        }
    }

    /** The members have come: they have to agree among themselves now. */
    public void take() {
        out.store(ClassicRecords.group(group));
        new Rebalance<>(limits, group, out, nowMs).prepareOrGoOn();
    }
}
