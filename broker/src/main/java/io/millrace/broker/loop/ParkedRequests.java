package io.millrace.broker.loop;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one loop's connections that wait for records, and the memory that they take. How long
 * they wait is for their clients to say, so they are no part of the budget for requests, which
 * others wait for. Past a limit of their own, those that have waited longest have waited long
 * enough. Mutable; belongs to the loop.
 */
public final class ParkedRequests {
    private final Executor loop;
    private final long mostBytes;
    private @Nullable Place first;
    private @Nullable Place last;
    private long usedBytes;

    /** One request's place among them. */
    public static final class Place {
        private final Runnable endWait;
        private final long bytes;
        private @Nullable Place before;
        private @Nullable Place after;
        private boolean taken = true;

        private Place(Runnable endWait, long bytes) {
            this.endWait = endWait;
            this.bytes = bytes;
        }
    }

    /**
     * @param loop runs what ends a wait, in a later turn
     * @param mostBytes what all of them may take; one is let in however large it is
     */
    ParkedRequests(Executor loop, long mostBytes) {
        this.loop = loop;
        this.mostBytes = mostBytes;
    }

    /**
     * Lets a request in. It has to be taken out when it is answered.
     *
     * @param endWait has it answered with what there is; run at most once, not within this call
     * @param bytes of memory that it keeps
     */
    public Place add(Runnable endWait, long bytes) {
        var place = new Place(endWait, bytes);
        place.before = last;
        if (last == null) {
            first = place;
        } else {
            last.after = place;
        }
        last = place;
        usedBytes += bytes;
        for (Place oldest = first;
                oldest != null && oldest != place && usedBytes > mostBytes;
                oldest = first) {
            remove(oldest);
            loop.execute(oldest.endWait);
        }
        return place;
    }

    /** Takes a request out; nothing happens if it is out already. */
    public void remove(Place place) {
        if (!place.taken) {
            return;
        }
        place.taken = false;
        usedBytes -= place.bytes;
        Place before = place.before;
        Place after = place.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        place.before = null;
        place.after = null;
    }

    /** Bytes of memory that are kept now. */
    public long usedBytes() {
        return usedBytes;
    }
}
