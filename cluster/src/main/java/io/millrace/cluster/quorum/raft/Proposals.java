package io.millrace.cluster.quorum.raft;

import io.millrace.cluster.quorum.NotControllerException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What this node has proposed and does not know the fate of, by offset. */
final class Proposals {
    private final Deque<Proposal> open = new ArrayDeque<>();

    /** Records in the log, up to and with {@code lastOffset}, if the epoch is still theirs. */
    record Proposal(long lastOffset, int epoch, CompletableFuture<Long> committed) {}

    CompletableFuture<Long> add(long lastOffset, int epoch) {
        var proposal = new Proposal(lastOffset, epoch, new CompletableFuture<>());
        open.add(proposal);
        return proposal.committed();
    }

    /** Takes out what has been decided by a commit up to and with an offset. */
    List<Proposal> decidedBy(long lastOffset) {
        var decided = new ArrayList<Proposal>();
        while (!open.isEmpty() && open.element().lastOffset() <= lastOffset) {
            decided.add(open.remove());
        }
        return decided;
    }

    /** Gives up on all. */
    void fail(NotControllerException cause) {
        List.copyOf(open).forEach(proposal -> proposal.committed().completeExceptionally(cause));
        open.clear();
    }
}
