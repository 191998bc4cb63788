package io.millrace.broker.queue.model;

import org.jspecify.annotations.Nullable;

/** Where a record is that is in the window; acknowledged and archived ones are not in it. */
public enum Phase {
    /** May be delivered, now or once its rest is over. */
    AVAILABLE(0),
    /** Held by a consumer until its lock ends. */
    ACQUIRED(1),
    /** Waits to be written to the dead-letter topic. */
    DEAD(2);

    private final int code;

    Phase(int code) {
        this.code = code;
    }

    /** How it is stored. */
    public int code() {
        return code;
    }

    /** The phase that is stored so; null if none is. */
    public static @Nullable Phase of(int code) {
        for (Phase phase : values()) {
            if (phase.code == code) {
                return phase;
            }
        }
        return null;
    }
}
