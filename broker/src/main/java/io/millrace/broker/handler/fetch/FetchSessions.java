package io.millrace.broker.handler.fetch;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The fetch sessions of one loop's connections. A session that comes in on a connection of another
 * loop is not found, and the client opens a new one, as KIP-227 has it. Bounded: when all slots are
 * taken by sessions in use, new clients fetch without one. Belongs to the loop.
 */
final class FetchSessions {
    private final int slots;
    private final long evictionMs;
    private final Map<Integer, FetchSession> byId = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param slots sessions kept at most
     * @param evictionMs a session unused for so long gives its slot away
     */
    FetchSessions(int slots, long evictionMs) {
        this.slots = slots;
        this.evictionMs = evictionMs;
    }

    /** A session for these partitions; null if there is no slot for one. */
    @Nullable FetchSession open(
            boolean usesTopicIds, Collection<FetchPartition> partitions, long nowMs) {
        if (byId.size() >= slots && !evictOne(nowMs)) {
            return null;
        }
        int id = newId();
        var session = new FetchSession(id, usesTopicIds, partitions, nowMs);
        byId.put(id, session);
        return session;
    }

    /** The session of an incremental fetch, or the error that its request earns. */
    Lookup find(FetchMetadata metadata, boolean usesTopicIds) {
        FetchSession session = byId.get(metadata.sessionId());
        if (session == null) {
            return new Lookup(null, Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (session.usesTopicIds() != usesTopicIds) {
            return new Lookup(null, Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        if (session.epoch() != metadata.epoch()) {
            return new Lookup(null, Errors.INVALID_FETCH_SESSION_EPOCH);
        }
        return new Lookup(session, Errors.NONE);
    }

    /** What {@link #find} came to: a session, or an error. */
    record Lookup(@Nullable FetchSession session, Errors error) {}

    void close(int id) {
        byId.remove(id);
    }

    private boolean evictOne(long nowMs) {
        Iterator<FetchSession> oldestFirst = byId.values().iterator();
        if (oldestFirst.hasNext() && nowMs - oldestFirst.next().lastUsedMs() > evictionMs) {
            oldestFirst.remove();
            return true;
        }
        return false;
    }

    private int newId() {
        int id;
        do {
            id = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
        } while (byId.containsKey(id));
        return id;
    }
}
