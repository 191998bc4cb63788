package io.millrace.broker.wire;

/** Has a request's connection end, for tests of who answers it. */
public final class Hangup {
    private Hangup() {}

    /** On the connection's event loop. */
    public static void of(Request request) {
        request.abandon();
    }
}
