package io.millrace.cluster.quorum.raft;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.raft.MetadataLogConfig;
import org.apache.kafka.raft.QuorumConfig;

/** Our settings in Kafka's terms. */
final class RaftConfig {
    private static final int SEGMENT_BYTES = 16 << 20;
    private static final int RETENTION_BYTES = 32 << 20;

    /** Proposals wait for company while the one before is written, and no longer. */
    private static final int LINGER_MS = 0;

    private RaftConfig() {}

    static QuorumConfig quorum(QuorumSettings.Timing timing, boolean joins) {
        return new QuorumConfig(
                new AbstractConfig(
                        QuorumConfig.CONFIG_DEF,
                        Map.of(
                                QuorumConfig.QUORUM_ELECTION_TIMEOUT_MS_CONFIG,
                                timing.electionTimeoutMs(),
                                QuorumConfig.QUORUM_FETCH_TIMEOUT_MS_CONFIG,
                                timing.fetchTimeoutMs(),
                                QuorumConfig.QUORUM_ELECTION_BACKOFF_MAX_MS_CONFIG,
                                timing.electionBackoffMaxMs(),
                                QuorumConfig.QUORUM_REQUEST_TIMEOUT_MS_CONFIG,
                                timing.requestTimeoutMs(),
                                QuorumConfig.QUORUM_LINGER_MS_CONFIG,
                                LINGER_MS,
                                QuorumConfig.QUORUM_AUTO_JOIN_ENABLE_CONFIG,
                                joins),
                        false));
    }

    /** Old records and snapshots go once they take 32 MB and a newer snapshot is there. */
    static MetadataLogConfig log() {
        return new MetadataLogConfig(
                new AbstractConfig(
                        MetadataLogConfig.CONFIG_DEF,
                        Map.of(
                                MetadataLogConfig.METADATA_LOG_SEGMENT_BYTES_CONFIG,
                                SEGMENT_BYTES,
                                MetadataLogConfig.METADATA_MAX_RETENTION_BYTES_CONFIG,
                                RETENTION_BYTES),
                        false));
    }

    /** The security settings, in the one public definition that has all of them. */
    static AbstractConfig connection(Map<String, String> settings) {
        var all = new HashMap<String, Object>(settings);
        all.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
        return new AbstractConfig(AdminClientConfig.configDef(), all, false);
    }
}
