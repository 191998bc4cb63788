package io.millrace.broker.handler.fetch;

import io.millrace.broker.handler.fetch.FetchPartition.Key;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The fetch sessions of one loop's connections. A session that comes in on a connection of another
 * loop is not found, and the client opens a new one, as KIP-227 has it. Bounded: when all slots are
 * taken by sessions in use, new clients fetch without one, but followers take those of consumers.
 * Belongs to the loop.
 */
final class FetchSessions {
    private final int slots;
    private final long evictionMs;
    private final IntSupplier ids;
    private final Map<Integer, FetchSession> byId = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param slots sessions kept at most
     * @param evictionMs a session unused for so long gives its slot away
     * @param ids gives ids that others can hardly guess
     */
    FetchSessions(int slots, long evictionMs, IntSupplier ids) {
        this.ids = ids;
        this.slots = slots;
        this.evictionMs = evictionMs;
    }

    /** What a request comes to: a plan, or an error. */
    record Planned(@Nullable FetchPlan plan, Errors error) {}

    /** What a request has read, and in which session: its own, a new one, or none. */
    Planned plan(FetchRequestData asked, FetchSession.Kind kind, long nowMs) {
        var metadata = new FetchMetadata(asked.sessionId(), asked.sessionEpoch());
        if (!metadata.isFull()) {
            return incremental(asked, metadata, kind, nowMs);
        }
        byId.remove(metadata.sessionId());
        List<FetchPartition> wanted = named(asked);
        boolean opens = metadata.epoch() != FetchMetadata.FINAL_EPOCH && !wanted.isEmpty();
        FetchSession opened = opens ? open(kind, wanted, nowMs) : null;
        return new Planned(new FetchPlan(wanted, opened, true), Errors.NONE);
    }

    private static List<FetchPartition> named(FetchRequestData asked) {
        var named = new LinkedHashMap<Key, FetchPartition>();
        for (var topic : asked.topics()) {
            for (var wanted : topic.partitions()) {
                Key key = FetchSession.key(topic.topic(), topic.topicId(), wanted.partition());
                named.put(key, new FetchPartition(key, wanted));
            }
        }
        return List.copyOf(named.values());
    }

    /** A session for these partitions; null if there is no slot for one. */
    private @Nullable FetchSession open(
            FetchSession.Kind kind, Collection<FetchPartition> partitions, long nowMs) {
        if (byId.size() >= slots && !evictOne(kind, nowMs)) {
            return null;
        }
        int id = newId();
        var session = new FetchSession(id, kind, partitions, nowMs);
        byId.put(id, session);
        return session;
    }

    private Planned incremental(
            FetchRequestData asked, FetchMetadata metadata, FetchSession.Kind kind, long nowMs) {
        FetchSession session = byId.get(metadata.sessionId());
        if (session == null) {
            return new Planned(null, Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (session.kind().usesTopicIds() != kind.usesTopicIds()) {
            return new Planned(null, Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        if (session.epoch() != metadata.epoch()) {
            return new Planned(null, Errors.INVALID_FETCH_SESSION_EPOCH);
        }
        session.update(asked, nowMs);
        if (session.isEmpty()) {
            byId.remove(session.id());
            return new Planned(new FetchPlan(List.of(), null, true), Errors.NONE);
        }
        return new Planned(new FetchPlan(session.partitions(), session, false), Errors.NONE);
    }

    /** Frees the slot of a session that is used no more; for a follower, of a consumer's. */
    private boolean evictOne(FetchSession.Kind wanted, long nowMs) {
        Iterator<FetchSession> oldestFirst = byId.values().iterator();
        while (oldestFirst.hasNext()) {
            FetchSession session = oldestFirst.next();
            boolean idle = nowMs - session.lastUsedMs() > evictionMs;
            boolean yields = wanted.ofFollower() && !session.kind().ofFollower();
            if (idle || yields) {
                oldestFirst.remove();
                return true;
            }
            if (!wanted.ofFollower()) {
                return false;
            }
        }
        return false;
    }

    private int newId() {
        int id;
        do {
            id = ids.getAsInt();
        } while (id == FetchMetadata.INVALID_SESSION_ID || byId.containsKey(id));
        return id;
    }
}
