package io.millrace.broker.group.shard;

import io.millrace.broker.group.GroupListing;
import io.millrace.broker.group.Membership;
import io.millrace.broker.group.classic.ClassicGroup;
import io.millrace.broker.group.offsets.CommittedOffsets;
import org.jspecify.annotations.Nullable;

/**
 * One group: what it has committed, and members of one kind, which may change while offsets stay.
 * Mutable; belongs to its shard.
 */
final class Group<T> {
    private final String id;
    private final CommittedOffsets offsets;
    private Kind<T> kind;

    /** When {@link Wakes} will look at it; {@link Long#MAX_VALUE} if it will not. */
    private long wakesAtMs = Long.MAX_VALUE;

    Group(String id, Kind<T> kind) {
        this.id = id;
        this.offsets = new CommittedOffsets(id);
        this.kind = kind;
    }

    /** A group that nobody has joined. */
    static <T> Group<T> bare(String id, long nowMs) {
        return new Group<>(id, new Kind.Classic<>(new ClassicGroup<>(id, nowMs)));
    }

    String id() {
        return id;
    }

    CommittedOffsets offsets() {
        return offsets;
    }

    Kind<T> kind() {
        return kind;
    }

    /** The members, whatever their kind. */
    Membership members() {
        return kind.members();
    }

    /** Gives it members of another kind. */
    void become(Kind<T> other) {
        kind = other;
    }

    /** Its classic members; null if they are of another kind. */
    @Nullable ClassicGroup<T> classic() {
        return kind instanceof Kind.Classic<T>(ClassicGroup<T> members) ? members : null;
    }

    /** Whether there is nothing left of it. */
    boolean isBare() {
        return members().isDeserted() && offsets.isEmpty();
    }

    GroupListing listing() {
        Membership members = members();
        return new GroupListing(id, members.type(), members.protocolType(), members.state());
    }

    long wakesAtMs() {
        return wakesAtMs;
    }

    void wakeAt(long atMs) {
        wakesAtMs = atMs;
    }
}
