package io.millrace.broker.net;

/** A peer broke the framing: the connection cannot be used any further. */
public final class FrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FrameException(String message) {
        super(message);
    }
}
