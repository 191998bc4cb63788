package io.millrace.broker;

import org.jspecify.annotations.Nullable;

/** A broker cannot start; the message says what, where and what to do, in one line. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
