package io.millrace.bench.cluster;

import java.util.List;

/**
 * How soon a node is missed, the same for both brokers.
 *
 * @param sessionMs a node silent for so long is fenced
 */
record Times(int sessionMs) {
    /** Kafka's own are 9,000 and 2,000. */
    private static final double BEATS_A_SESSION = 4.5;

    int heartbeatMs() {
        return (int) (sessionMs / BEATS_A_SESSION);
    }

    List<String> settings() {
        return List.of(
                "broker.session.timeout.ms=" + sessionMs,
                "broker.heartbeat.interval.ms=" + heartbeatMs(),
                "replica.lag.time.max.ms=30000",
                "controller.quorum.election.timeout.ms=1000",
                "controller.quorum.fetch.timeout.ms=2000",
                "controller.quorum.election.backoff.max.ms=1000",
                "controller.quorum.request.timeout.ms=2000");
    }
}
