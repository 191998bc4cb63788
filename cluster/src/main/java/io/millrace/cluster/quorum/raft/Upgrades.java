package io.millrace.cluster.quorum.raft;

import io.millrace.cluster.quorum.NotControllerException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Changes of the quorum's version that are in the leader's log and not known to be committed. */
final class Upgrades {
    private final List<CompletableFuture<Void>> open = new ArrayList<>();

    CompletableFuture<Void> add() {
        var upgrade = new CompletableFuture<Void>();
        open.add(upgrade);
        return upgrade;
    }

    /** A version was committed; there is but one higher than the first. */
    void committed() {
        List.copyOf(open).forEach(upgrade -> upgrade.complete(null));
        open.clear();
    }

    /** Gives up on all. */
    void fail(NotControllerException cause) {
        List.copyOf(open).forEach(upgrade -> upgrade.completeExceptionally(cause));
        open.clear();
    }
}
