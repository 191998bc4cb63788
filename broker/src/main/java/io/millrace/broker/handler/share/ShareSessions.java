package io.millrace.broker.handler.share;

import io.millrace.broker.handler.share.ShareSession.Key;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The share sessions of one loop's connections. A session that comes in on a connection of another
 * loop is not found, and the client opens a new one. Bounded: when all slots are taken, the session
 * that was unused for longest gives way if it is idle, else nobody gets a new one. Belongs to the
 * loop.
 */
final class ShareSessions {
    private static final long IDLE_MS = 120_000;

    private final int slots;
    private final Map<Key, Slot> byKey = new LinkedHashMap<>(16, 0.75f, true);

    private record Slot(ShareSession session, long usedMs) {}

    /** A session, or the error that its request earns. */
    record Lookup(@Nullable ShareSession session, Errors error) {}

    ShareSessions(int slots) {
        this.slots = slots;
    }

    /** A new session, in place of the one that the member had. */
    Lookup open(Key key, long nowMs) {
        byKey.remove(key);
        if (byKey.size() >= slots && !evictIdle(nowMs)) {
            return new Lookup(null, Errors.SHARE_SESSION_LIMIT_REACHED);
        }
        var session = new ShareSession(key);
        byKey.put(key, new Slot(session, nowMs));
        return new Lookup(session, Errors.NONE);
    }

    private boolean evictIdle(long nowMs) {
        Iterator<Slot> oldestFirst = byKey.values().iterator();
        if (oldestFirst.hasNext() && nowMs - oldestFirst.next().usedMs() > IDLE_MS) {
            oldestFirst.remove();
            return true;
        }
        return false;
    }

    /** The session of a request that continues or ends one. */
    Lookup find(Key key, int epoch, long nowMs) {
        Slot slot = byKey.get(key);
        if (slot == null) {
            return new Lookup(null, Errors.SHARE_SESSION_NOT_FOUND);
        }
        ShareSession session = slot.session();
        if (epoch == ShareSession.FINAL_EPOCH) {
            byKey.remove(key);
            return new Lookup(session, Errors.NONE);
        }
        if (session.epoch() != epoch) {
            return new Lookup(null, Errors.INVALID_SHARE_SESSION_EPOCH);
        }
        byKey.put(key, new Slot(session, nowMs));
        session.advance();
        return new Lookup(session, Errors.NONE);
    }

    /** Forgets a session; nothing happens if the member has another by now. */
    void close(ShareSession session) {
        Slot slot = byKey.get(session.key());
        if (slot != null && slot.session() == session) {
            byKey.remove(session.key());
        }
    }
}
