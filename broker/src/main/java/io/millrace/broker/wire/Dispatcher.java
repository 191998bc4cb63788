package io.millrace.broker.wire;

import org.apache.kafka.common.protocol.ApiKeys;

/** Routes requests to their handlers. Thread-safe. */
public interface Dispatcher {
    /** Whether this broker serves {@code version} of {@code api}. */
    boolean serves(ApiKeys api, short version);

    /** Handles the request; on the connection's event loop, must not block. */
    void dispatch(Request request);
}
