package io.millrace.broker.handler.share;

import io.millrace.broker.handler.share.ShareSession.Key;
import io.millrace.broker.handler.share.ShareSession.Target;
import io.millrace.broker.wire.Client;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The share sessions of one loop's connections. A session that comes in on a connection of another
 * loop is not found, and the client opens a new one. Bounded: when all slots are taken, the session
 * that was unused for longest gives way if it is idle, else nobody gets a new one. What they name
 * is bounded too, since it is kept between requests. A session ends with the connection that its
 * member was last heard on. Belongs to the loop.
 */
final class ShareSessions {
    private static final long IDLE_MS = 120_000;

    /** Partitions that one session may name. */
    private static final int MOST_TARGETS = 20_000;

    private final int slots;
    private final int mostTargets;
    private final LinkedHashMap<Key, Slot> byKey = new LinkedHashMap<>(16, 0.75f, true);
    private final ConcurrentMap<Key, ShareSession> newest;
    private final Consumer<ShareSession> left;
    private int targets;
    private boolean stopped;

    private record Slot(ShareSession session, long usedMs) {}

    /** A session, or the error that its request earns. */
    record Lookup(@Nullable ShareSession session, Errors error) {}

    /**
     * @param mostTargets partitions that all sessions together may name
     * @param newest of each member the session that it opened last, on any loop; shared by all
     * @param left told of a session that ended with its connection, unless its member has a newer
     */
    ShareSessions(
            int slots,
            int mostTargets,
            ConcurrentMap<Key, ShareSession> newest,
            Consumer<ShareSession> left) {
        this.slots = slots;
        this.mostTargets = mostTargets;
        this.newest = newest;
        this.left = left;
    }

    /** A new session, in place of the one that the member had. */
    Lookup open(Key key, Client client, long nowMs) {
        forget(key);
        if (byKey.size() >= slots && !evictIdle(nowMs)) {
            return new Lookup(null, Errors.SHARE_SESSION_LIMIT_REACHED);
        }
        var session = new ShareSession(key);
        newest.put(key, session);
        use(session, client, nowMs);
        return new Lookup(session, Errors.NONE);
    }

    private void use(ShareSession session, Client client, long nowMs) {
        byKey.put(session.key(), new Slot(session, nowMs));
        session.heardOn(client.number());
        client.endings().put(this, () -> ended(client.number()));
    }

    private void ended(long connection) {
        for (Slot slot : List.copyOf(byKey.values())) {
            ShareSession session = slot.session();
            if (session.connection() == connection && forget(session.key()) && !stopped) {
                left.accept(session);
            }
        }
    }

    private boolean evictIdle(long nowMs) {
        Slot oldest = byKey.isEmpty() ? null : byKey.firstEntry().getValue();
        if (oldest != null && nowMs - oldest.usedMs() > IDLE_MS) {
            forget(oldest.session().key());
            return true;
        }
        return false;
    }

    /** Whether the session that is forgotten was the newest of its member. */
    private boolean forget(Key key) {
        Slot slot = byKey.remove(key);
        if (slot == null) {
            return false;
        }
        targets -= slot.session().size();
        return newest.remove(key, slot.session());
    }

    /**
     * Has an open session go on with what a request names and without what it forgets. NONE, or
     * else the session is closed.
     */
    Errors update(ShareSession session, Collection<Target> named, Collection<Target> forgotten) {
        int before = session.size();
        int after = session.sizeWith(named);
        if (after > MOST_TARGETS || targets - before + after > mostTargets) {
            close(session);
            return Errors.SHARE_SESSION_LIMIT_REACHED;
        }
        session.update(named, forgotten);
        targets += session.size() - before;
        return Errors.NONE;
    }

    /** The session of a request that continues or ends one. */
    Lookup find(Key key, int epoch, Client client, long nowMs) {
        Slot slot = byKey.get(key);
        if (slot == null) {
            return new Lookup(null, Errors.SHARE_SESSION_NOT_FOUND);
        }
        ShareSession session = slot.session();
        if (epoch == ShareSession.FINAL_EPOCH) {
            forget(key);
            return new Lookup(session, Errors.NONE);
        }
        if (session.epoch() != epoch) {
            return new Lookup(null, Errors.INVALID_SHARE_SESSION_EPOCH);
        }
        use(session, client, nowMs);
        session.advance();
        return new Lookup(session, Errors.NONE);
    }

    /** Forgets all sessions. Those that are opened yet are not told of either. */
    void stop() {
        stopped = true;
        List.copyOf(byKey.keySet()).forEach(this::forget);
    }

    /** Forgets a session; nothing happens if the member has another by now. */
    void close(ShareSession session) {
        Slot slot = byKey.get(session.key());
        if (slot != null && slot.session() == session) {
            forget(session.key());
        }
    }
}
