package io.millrace.broker.group.share;

import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.ShareHeartbeat;
import io.millrace.broker.group.assign.Partitions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A member of a share group, as it is stored. Immutable.
 *
 * @param topics that it subscribes to, sorted
 * @param assigned what it knows that it is to fetch from
 * @param target what it is to fetch from
 */
public record ShareMember(
        String id,
        @Nullable String rackId,
        Client client,
        Set<String> topics,
        Epochs epochs,
        Partitions assigned,
        Partitions target) {
    /** Its epoch, and the one before that. */
    public record Epochs(int current, int previous) {
        Epochs next(int epoch) {
            return epoch == current ? this : new Epochs(epoch, current);
        }
    }

    static ShareMember fresh(String id, Client client) {
        return new ShareMember(
                id, null, client, Set.of(), new Epochs(0, 0), Partitions.NONE, Partitions.NONE);
    }

    ShareMember updated(ShareHeartbeat beat) {
        List<String> said = beat.topics();
        String rack = beat.rackId() == null ? rackId : beat.rackId();
        return new ShareMember(
                id,
                rack,
                beat.client(),
                said == null ? topics : new TreeSet<>(said),
                epochs,
                assigned,
                target);
    }

    ShareMember withTarget(Partitions next) {
        return new ShareMember(id, rackId, client, topics, epochs, assigned, next);
    }

    /**
     * It gets what it is to fetch from at once, for partitions are shared. Its epoch is that of the
     * target once it keeps nothing else.
     */
    ShareMember towardsTarget(int epoch, Partitions kept) {
        Epochs reached = kept.isEmpty() ? epochs.next(epoch) : epochs;
        Partitions all = new Partitions.Builder().addAll(target).addAll(kept).build();
        return new ShareMember(id, rackId, client, topics, reached, all, target);
    }
}
