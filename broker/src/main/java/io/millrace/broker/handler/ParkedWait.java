package io.millrace.broker.handler;

import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.ParkedRequests;
import io.millrace.broker.wire.Request;

/**
 * The wait of a fetch for records, for as long as its client says, or less where too many wait.
 * Meanwhile the request takes nothing of the budget for requests, and counts among those of its
 * loop that are parked. Belongs to the connection's loop.
 */
public final class ParkedWait {
    /** What a partition takes while its fetch waits, about. */
    private static final int ITEM_BYTES = 400;

    private final OwnerLoop home;
    private final OwnerLoop.Cancellable timer;
    private final ParkedRequests.Place place;

    /**
     * Begins; once a request.
     *
     * @param home the loop of the request's connection
     * @param partitions that it waits for
     * @param ended has the request answered with what there is; may run twice, not within this call
     */
    public ParkedWait(
            Request request, OwnerLoop home, int partitions, long maxWaitMs, Runnable ended) {
        this.home = home;
        request.park();
        timer = home.schedule(ended, maxWaitMs);
        place = home.parked().add(ended, request.chargedBytes() + (long) ITEM_BYTES * partitions);
    }

    /** Ends; what the request took is free again. */
    public void end() {
        timer.cancel();
        home.parked().remove(place);
    }
}
