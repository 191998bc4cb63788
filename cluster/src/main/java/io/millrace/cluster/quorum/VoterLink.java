package io.millrace.cluster.quorum;

import java.util.concurrent.CompletableFuture;

/**
 * Asks other voters how they stand, for one whose folder is new. Called on the metadata thread;
 * does not block.
 */
public interface VoterLink {
    /**
     * Asks one. Done on any thread; fails, in bounded time, if it does not answer or has not begun.
     */
    CompletableFuture<Standing> ask(int voter);

    /** Told whether this voter has its vote, whenever that, or what it waits for, changes. */
    void told(Recollection.Outcome outcome);
}
