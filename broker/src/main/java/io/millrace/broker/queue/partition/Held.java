package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.DeadReason;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.Traits;
import org.jspecify.annotations.Nullable;

/**
 * One record in the window: how often it was delivered, who holds it, until when. Changed only by
 * {@link Window}, which indexes it.
 */
public final class Held {
    private final long offset;
    private final Traits traits;
    Phase phase = Phase.AVAILABLE;
    int deliveries;
    String member = "";
    long untilMs;
    @Nullable DeadReason reason;

    /** The share fetch that took it last; not stored. */
    long fetch;

    /** Whether it is AVAILABLE and its rest is over. */
    boolean ripe;

    /** Whether it is DEAD and on its way to the dead-letter topic; not stored. */
    boolean burying;

    Held(long offset, Traits traits) {
        this.offset = offset;
        this.traits = traits;
    }

    /** Whether it has only left the backlog, on its way to a consumer. */
    public boolean isStaged() {
        return phase == Phase.AVAILABLE && deliveries == 0;
    }

    public long offset() {
        return offset;
    }

    public Traits traits() {
        return traits;
    }

    public Phase phase() {
        return phase;
    }

    /** How often it was delivered, this time included if it is acquired. */
    public int deliveries() {
        return deliveries;
    }

    /** Who holds it; empty if nobody does. */
    public String member() {
        return member;
    }

    /**
     * When the lock ends if it is acquired; when its rest is over if it is available; milliseconds
     * since the epoch.
     */
    public long untilMs() {
        return untilMs;
    }

    /** Why it is dead; null if it is not. */
    public @Nullable DeadReason reason() {
        return reason;
    }

    /** The same but for the offset, so that both can be told of as a range. */
    public boolean isLike(Held other) {
        return phase == other.phase
                && deliveries == other.deliveries
                && untilMs == other.untilMs
                && reason == other.reason
                && member.equals(other.member)
                && traits.equals(other.traits);
    }
}
