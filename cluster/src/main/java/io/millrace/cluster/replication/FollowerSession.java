package io.millrace.cluster.replication;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The follower's side of an incremental fetch session (KIP-227): the leader remembers what was
 * wanted, so that only changes are said. A request is full until the leader has opened a session,
 * and again after anything that leaves open what the leader knows. Between a request and what came
 * of it nothing is asked. Mutable, for the sake of the fetch path.
 *
 * @param <P> names a partition
 * @param <W> what is wanted of one; equal if there is nothing to say
 */
public final class FollowerSession<P, W> {
    /** The id that stands for no session. */
    public static final int NONE = 0;

    private static final int OPENING = 0;

    private Map<P, W> remembered = new LinkedHashMap<>();
    private int id = NONE;
    private int epoch = OPENING;
    private boolean asking;

    /**
     * What to send.
     *
     * @param id the session; of a full request the one to be closed, if any
     * @param epoch 0 of a full request, which opens a session
     * @param wanted everything if it is full; else what is new or has changed
     * @param forgotten what the leader is to fetch no more
     */
    public record Ask<P, W>(int id, int epoch, Map<P, W> wanted, List<P> forgotten) {}

    /**
     * Asks for partitions, for these alone, in their order if the request is full.
     *
     * @param wants taken over: not to be changed any more
     */
    public Ask<P, W> ask(Map<P, W> wants) {
        if (asking) {
            throw new IllegalStateException("the last request is not answered");
        }
        asking = true;
        var ask =
                epoch == OPENING
                        ? new Ask<P, W>(id, epoch, wants, List.of())
                        : new Ask<P, W>(id, epoch, changes(wants), gone(wants));
        remembered = wants;
        return ask;
    }

    private Map<P, W> changes(Map<P, W> wants) {
        var changes = new LinkedHashMap<P, W>();
        wants.forEach((partition, want) -> {
            if (!want.equals(remembered.get(partition))) {
                changes.put(partition, want);
            }
        });
        return changes;
    }

    private List<P> gone(Map<P, W> wants) {
        var gone = new ArrayList<P>();
        for (P partition : remembered.keySet()) {
            if (!wants.containsKey(partition)) {
                gone.add(partition);
            }
        }
        return gone;
    }

    /**
     * The leader has answered in a session, or in none. Of an incremental request that has to be
     * the one that was named; another is no answer to it, and the next request is full.
     *
     * @return whether what the answer says of partitions is to be taken
     */
    public boolean answered(int sessionId) {
        asking = false;
        if (epoch != OPENING && sessionId != id) {
            reset();
            return false;
        }
        id = sessionId;
        epoch = id == NONE ? OPENING : next(epoch);
        return true;
    }

    /** No answer, or one that the session is not known: the next request is full. */
    public void failed() {
        asking = false;
        reset();
    }

    private void reset() {
        epoch = OPENING;
        remembered = Map.of();
    }

    /** The epoch of the next request in a session: never that of one that opens it. */
    private static int next(int epoch) {
        return epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
    }
}
