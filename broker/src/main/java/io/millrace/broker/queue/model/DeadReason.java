package io.millrace.broker.queue.model;

import org.jspecify.annotations.Nullable;

/** Why a record is not delivered again. */
public enum DeadReason {
    REJECTED(1),
    EXHAUSTED(2),
    EXPIRED(3);

    private final int code;

    DeadReason(int code) {
        this.code = code;
    }

    /** How it is stored. */
    public int code() {
        return code;
    }

    /** The reason that is stored so; null if none is. */
    public static @Nullable DeadReason of(int code) {
        for (DeadReason reason : values()) {
            if (reason.code == code) {
                return reason;
            }
        }
        return null;
    }
}
