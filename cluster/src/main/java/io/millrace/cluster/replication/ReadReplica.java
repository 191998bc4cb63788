package io.millrace.cluster.replication;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A follower that consumers may read from (KIP-392).
 *
 * @param node where it is
 * @param logEnd the offset before which it has everything on disk
 * @param caughtUpAtMs when it was last known to have all that its leader had
 */
public record ReadReplica(int node, long logEnd, long caughtUpAtMs) {
    private static final Comparator<ReadReplica> BEST =
            Comparator.comparingLong(ReadReplica::logEnd)
                    .thenComparingLong(ReadReplica::caughtUpAtMs)
                    .thenComparing(ReadReplica::node, Comparator.reverseOrder());

    /**
     * Whom a consumer is sent to: of those near it the one that is furthest. Nobody, so that it
     * stays with its leader, if that is near or no other is.
     */
    public static Optional<ReadReplica> nearest(
            Collection<ReadReplica> followers, int leader, IntPredicate isNear) {
        return isNear.test(leader)
                ? Optional.empty()
                : followers.stream().filter(each -> isNear.test(each.node())).max(BEST);
    }
}
