package io.millrace.broker.group.classic;

import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.GroupRequest.Protocol;
import io.millrace.broker.group.GroupRequest.Timeouts;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A member of a classic group. Mutable; belongs to its group. */
final class Member<T> {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final String id;
    private final @Nullable String instanceId;
    private Client client;
    private Timeouts timeouts;
    private List<Protocol> protocols;
    private ByteBuffer assignment = NOTHING;
    private long sessionEndsMs;
    private boolean owesSync;
    private @Nullable T awaitingJoin;
    private @Nullable T awaitingSync;

    Member(
            String id,
            @Nullable String instanceId,
            Client client,
            Timeouts timeouts,
            List<Protocol> protocols) {
        this.id = id;
        this.instanceId = instanceId;
        this.client = client;
        this.timeouts = timeouts;
        this.protocols = protocols;
    }

    String id() {
        return id;
    }

    @Nullable String instanceId() {
        return instanceId;
    }

    boolean isStatic() {
        return instanceId != null;
    }

    Client client() {
        return client;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    List<Protocol> protocols() {
        return protocols;
    }

    void update(GroupRequest.Join join) {
        client = join.client();
        timeouts = join.timeouts();
        protocols = join.protocols();
    }

    boolean offersAsBefore(List<Protocol> offered) {
        return protocols.equals(offered);
    }

    /** What it sent for a protocol; empty if it does not know it. */
    ByteBuffer metadata(@Nullable String protocol) {
        for (Protocol offered : protocols) {
            if (offered.name().equals(protocol)) {
                return offered.metadata();
            }
        }
        return NOTHING;
    }

    /** The first of its protocols that is among the candidates. */
    String vote(Set<String> candidates) {
        for (Protocol offered : protocols) {
            if (candidates.contains(offered.name())) {
                return offered.name();
            }
        }
        throw new IllegalStateException("member " + id + " knows none of " + candidates);
    }

    ByteBuffer assignment() {
        return assignment;
    }

    void assign(ByteBuffer assigned) {
        assignment = assigned;
    }

    void clearAssignment() {
        assignment = NOTHING;
    }

    /** Whether it has joined this generation and not asked for its assignment yet. */
    boolean owesSync() {
        return owesSync;
    }

    void oweSync(boolean owes) {
        owesSync = owes;
    }

    /** Begins its session anew; returns when that ends. */
    long renewSession(long nowMs) {
        sessionEndsMs = nowMs + timeouts.sessionMs();
        return sessionEndsMs;
    }

    /** When it is gone if it stays silent. While it waits for a reply it cannot be. */
    long sessionEndsMs() {
        return awaitingJoin != null || awaitingSync != null ? Long.MAX_VALUE : sessionEndsMs;
    }

    @Nullable T awaitingJoin() {
        return awaitingJoin;
    }

    void awaitJoin(@Nullable T request) {
        awaitingJoin = request;
    }

    @Nullable T awaitingSync() {
        return awaitingSync;
    }

    void awaitSync(@Nullable T request) {
        awaitingSync = request;
    }
}
