package io.millrace.cluster.quorum.raft;

import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.BootstrapConfiguration;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;
import org.apache.kafka.raft.KafkaNetworkChannel;

/** Connections to the other nodes' controller listeners, by Kafka's own client. */
final class OutgoingRequests {
    /** What the listener of the quorum is called between nodes. */
    static final ListenerName LISTENER = new ListenerName("CONTROLLER");

    private static final long MAX_IDLE_MS = 600_000;
    private static final long RECONNECT_MS = 50;
    private static final long RECONNECT_MAX_MS = 500;
    private static final int REQUESTS_PER_CONNECTION = 1;
    private static final boolean DISCOVERS_VERSIONS = true;
    private static final boolean CHECKS_CLUSTER = false;

    private OutgoingRequests() {}

    static KafkaNetworkChannel channel(
            QuorumSettings settings, Metrics metrics, LogContext log, String threadName) {
        int timeoutMs = settings.timing().requestTimeoutMs();
        var selector =
                new Selector(
                        MAX_IDLE_MS,
                        metrics,
                        Time.SYSTEM,
                        "raft-channel",
                        ClientUtils.createChannelBuilder(
                                RaftConfig.connection(settings.connection()), Time.SYSTEM, log),
                        log);
        var client =
                new NetworkClient(
                        selector,
                        new ManualMetadataUpdater(),
                        "raft-client-" + settings.node().id(),
                        REQUESTS_PER_CONNECTION,
                        RECONNECT_MS,
                        RECONNECT_MAX_MS,
                        Selectable.USE_DEFAULT_BUFFER_SIZE,
                        Selectable.USE_DEFAULT_BUFFER_SIZE,
                        timeoutMs,
                        timeoutMs,
                        timeoutMs,
                        Time.SYSTEM,
                        DISCOVERS_VERSIONS,
                        new ApiVersions(),
                        log,
                        MetadataRecoveryStrategy.NONE,
                        BootstrapConfiguration.DISABLED,
                        CHECKS_CLUSTER);
        return new KafkaNetworkChannel(Time.SYSTEM, LISTENER, client, timeoutMs, threadName);
    }
}
