package io.millrace.broker.config;

import io.millrace.cluster.quorum.raft.QuorumSettings;
import io.millrace.cluster.quorum.raft.QuorumSettings.Membership;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a node takes part in a cluster. A single node has these too, and uses none but the times.
 *
 * @param clusterId the same on every node; empty on a single node: its data folder knows
 */
public record ClusterSettings(
        String clusterId,
        Quorum quorum,
        Heartbeats heartbeats,
        Replication replication,
        LeaderBalancing balancing) {
    private static final Pattern CLUSTER_ID = Pattern.compile("[\\w-]{1,64}");

    /**
     * The quorum of controllers.
     *
     * @param membership who votes, or who knows; null on a single node
     * @param listener what this node binds for the others; null if it is no controller
     */
    public record Quorum(
            int nodeId,
            @Nullable Membership membership,
            @Nullable Endpoint listener,
            QuorumSettings.Timing timing) {

        /** Whether this node is one of the controllers: votes, or may come to. */
        public boolean mayVote() {
            return listener != null;
        }
    }

    /**
     * How nodes are heard of.
     *
     * @param sessionTimeoutMs a node silent for so long is fenced
     * @param controlledShutdown whether a node that stops has its leaderships taken first
     */
    public record Heartbeats(long sessionTimeoutMs, long intervalMs, boolean controlledShutdown) {}

    /**
     * How replicas follow.
     *
     * @param lagMs who has not caught up for so long is not in sync
     * @param partitionBytes asked of a partition at once
     * @param responseBytes asked of a leader at once
     * @param waitMs how long a fetch may wait for records
     * @param backoffMs how long to wait after a failure
     * @param rackAware whether consumers are sent to replicas in their rack (KIP-392)
     */
    public record Replication(
            long lagMs,
            int partitionBytes,
            int responseBytes,
            int waitMs,
            int backoffMs,
            boolean rackAware) {}

    /**
     * When preferred replicas are made leaders again.
     *
     * @param percentage of the partitions that prefer it, a node may lack so many
     */
    public record LeaderBalancing(boolean enabled, long checkIntervalMs, int percentage) {}

    /**
     * Reads them.
     *
     * @throws ConfigException if they do not fit together
     */
    public static ClusterSettings of(BrokerConfig config) {
        return new ClusterSettings(
                clusterId(config),
                quorumOf(config),
                new Heartbeats(
                        config.integer(ClusterKeys.SESSION_TIMEOUT_MS),
                        config.integer(ClusterKeys.HEARTBEAT_MS),
                        config.flag(ClusterKeys.CONTROLLED_SHUTDOWN)),
                new Replication(
                        config.number(ClusterKeys.LAG_MS),
                        config.integer(ClusterKeys.FETCH_BYTES),
                        config.integer(ClusterKeys.FETCH_RESPONSE_BYTES),
                        config.integer(ClusterKeys.FETCH_WAIT_MS),
                        config.integer(ClusterKeys.FETCH_BACKOFF_MS),
                        config.text(ClusterKeys.SELECTOR).equals(ClusterKeys.RACK_AWARE)),
                new LeaderBalancing(
                        config.flag(ClusterKeys.REBALANCE),
                        config.number(ClusterKeys.IMBALANCE_CHECK_SECONDS) * 1000,
                        config.integer(ClusterKeys.IMBALANCE_PERCENTAGE)));
    }

    private static List<String> roles(BrokerConfig config) {
        return ConfigKey.items(config.text(ClusterKeys.ROLES));
    }

    private static String clusterId(BrokerConfig config) {
        String id = config.text(ClusterKeys.CLUSTER_ID);
        if (id.isEmpty() && !roles(config).isEmpty()) {
            throw new ConfigException(
                    "%s is not set: give every node of the cluster the same"
                            .formatted(ClusterKeys.CLUSTER_ID));
        }
        if (!id.isEmpty() && !CLUSTER_ID.matcher(id).matches()) {
            throw new ConfigException(
                    "Invalid value %s for configuration %s: it must be up to 64 of A-Z, a-z, 0-9, _ and -"
                            .formatted(id, ClusterKeys.CLUSTER_ID));
        }
        return id;
    }

    private static Quorum quorumOf(BrokerConfig config) {
        List<String> roles = roles(config);
        int nodeId = config.integer(BrokerKeys.NODE_ID);
        String listed = config.text(ClusterKeys.VOTERS);
        String contacts = config.text(ClusterKeys.CONTACTS);
        if (roles.isEmpty()) {
            if (!listed.isBlank() || !contacts.isBlank()) {
                throw new ConfigException(
                        "%s is set and %s is not: set that to broker,controller or broker"
                                .formatted(
                                        listed.isBlank()
                                                ? ClusterKeys.CONTACTS
                                                : ClusterKeys.VOTERS,
                                        ClusterKeys.ROLES));
            }
            return new Quorum(nodeId, null, null, timing(config));
        }
        if (!roles.contains("broker")) {
            throw new ConfigException(
                    "Invalid value %s for configuration %s: every node is a broker"
                            .formatted(String.join(",", roles), ClusterKeys.ROLES));
        }
        if (listed.isBlank() && contacts.isBlank()) {
            throw new ConfigException(
                    "%s is set and %s names nobody: name every controller as ID@HOST:PORT, or some in %s, or leave %s empty for a single node"
                            .formatted(
                                    ClusterKeys.ROLES,
                                    ClusterKeys.VOTERS,
                                    ClusterKeys.CONTACTS,
                                    ClusterKeys.ROLES));
        }
        return listed.isBlank()
                ? learning(config, nodeId, roles.contains("controller"))
                : listing(config, nodeId, roles);
    }

    /** A quorum with the voters of the configuration. */
    private static Quorum listing(BrokerConfig config, int nodeId, List<String> roles) {
        Map<Integer, InetSocketAddress> voters =
                parsed(config.text(ClusterKeys.VOTERS), QuorumSettings::parseVoters);
        InetSocketAddress own = voters.get(nodeId);
        if (roles.contains("controller") != (own != null)) {
            throw new ConfigException(
                    "Node %d %s one of %s, and its %s are %s"
                            .formatted(
                                    nodeId,
                                    own == null ? "is not" : "is",
                                    ClusterKeys.VOTERS,
                                    ClusterKeys.ROLES,
                                    String.join(",", roles)));
        }
        return new Quorum(
                nodeId,
                new Membership(voters, contacts(config), own, config.flag(ClusterKeys.AUTO_JOIN)),
                own == null ? null : listener(config, own),
                timing(config));
    }

    /** A quorum that knows itself who votes. */
    private static Quorum learning(BrokerConfig config, int nodeId, boolean mayVote) {
        Endpoint bound = Listeners.ofController(config);
        if (mayVote && bound == null) {
            throw new ConfigException(
                    "Node %d may come to vote, and its listeners name none for controllers: add CONTROLLER://HOST:PORT"
                            .formatted(nodeId));
        }
        InetSocketAddress own = null;
        if (mayVote && bound != null) {
            Endpoint told =
                    Objects.requireNonNullElse(Listeners.ofControllerAdvertised(config), bound);
            if (told.host().equals("0.0.0.0") || told.host().equals("::")) {
                throw new ConfigException(
                        "The controller's listener is bound to every address: name the one for others as %s://HOST:PORT in advertised.listeners"
                                .formatted(told.name()));
            }
            own = InetSocketAddress.createUnresolved(told.host(), told.port());
        }
        return new Quorum(
                nodeId,
                new Membership(Map.of(), contacts(config), own, config.flag(ClusterKeys.AUTO_JOIN)),
                mayVote ? bound : null,
                timing(config));
    }

    private static List<InetSocketAddress> contacts(BrokerConfig config) {
        String listed = config.text(ClusterKeys.CONTACTS);
        return listed.isBlank() ? List.of() : parsed(listed, QuorumSettings::parseContacts);
    }

    /** What {@code listeners} says; where it does not, the address that the voters know. */
    private static Endpoint listener(BrokerConfig config, InetSocketAddress own) {
        Endpoint listed = Listeners.ofController(config);
        return Objects.requireNonNullElseGet(
                listed, () -> new Endpoint("CONTROLLER", own.getHostString(), own.getPort()));
    }

    private static <T> T parsed(String listed, Function<String, T> parser) {
        try {
            return parser.apply(listed);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private static QuorumSettings.Timing timing(BrokerConfig config) {
        return new QuorumSettings.Timing(
                config.integer(ClusterKeys.ELECTION_TIMEOUT_MS),
                config.integer(ClusterKeys.FETCH_TIMEOUT_MS),
                config.integer(ClusterKeys.ELECTION_BACKOFF_MS),
                config.integer(ClusterKeys.REQUEST_TIMEOUT_MS));
    }

    /** Whether this node is one of several, or may come to be. */
    public boolean isClustered() {
        return quorum.membership() != null;
    }

    /**
     * What the quorum's engine needs; of a clustered node.
     *
     * @param directoryId of the data folder
     */
    public QuorumSettings quorumSettings(BrokerConfig config, UUID directoryId) {
        return new QuorumSettings(
                new QuorumSettings.Node(quorum.nodeId(), directoryId, clusterId),
                config.dataFolder(),
                Objects.requireNonNull(quorum.membership()),
                quorum.timing(),
                Map.of());
    }
}
