package io.millrace.broker.handler;

import io.millrace.broker.wire.Request;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Serves one API in a range of its versions. Thread-safe: called on the event loop of whichever
 * connection asks; must not block.
 */
public interface ApiHandler {
    /** The API that is served. */
    ApiKeys api();

    /** The oldest version served. */
    default short oldestVersion() {
        return api().oldestVersion();
    }

    /** The newest version served; stable versions only. */
    default short newestVersion() {
        return api().latestVersion(false);
    }

    /**
     * Handles one request, which must be answered exactly once, now or later, from any thread. What
     * this throws becomes the request's error answer.
     */
    void handle(Request request);
}
