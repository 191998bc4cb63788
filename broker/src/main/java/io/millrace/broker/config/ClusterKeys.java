package io.millrace.broker.config;

import io.millrace.broker.config.ConfigKey.Type;
import io.millrace.cluster.controller.DrainedNodes;
import java.util.List;

/** The keys of a node of several, by Kafka's names. {@link ClusterSettings} reads them. */
final class ClusterKeys {
    static final String ROLES = "process.roles";
    static final String CLUSTER_ID = "millrace.cluster.id";
    static final String VOTERS = "controller.quorum.voters";
    static final String CONTACTS = "controller.quorum.bootstrap.servers";
    static final String AUTO_JOIN = "controller.quorum.auto.join.enable";
    static final String CONTROLLER_LISTENERS = "controller.listener.names";
    static final String PROTOCOLS = "listener.security.protocol.map";
    static final String ELECTION_TIMEOUT_MS = "controller.quorum.election.timeout.ms";
    static final String FETCH_TIMEOUT_MS = "controller.quorum.fetch.timeout.ms";
    static final String ELECTION_BACKOFF_MS = "controller.quorum.election.backoff.max.ms";
    static final String REQUEST_TIMEOUT_MS = "controller.quorum.request.timeout.ms";
    static final String SESSION_TIMEOUT_MS = "broker.session.timeout.ms";
    static final String HEARTBEAT_MS = "broker.heartbeat.interval.ms";
    static final String CONTROLLED_SHUTDOWN = "controlled.shutdown.enable";
    static final String LAG_MS = "replica.lag.time.max.ms";
    static final String FETCH_BYTES = "replica.fetch.max.bytes";
    static final String FETCH_RESPONSE_BYTES = "replica.fetch.response.max.bytes";
    static final String FETCH_WAIT_MS = "replica.fetch.wait.max.ms";
    static final String FETCH_BACKOFF_MS = "replica.fetch.backoff.ms";
    static final String SELECTOR = "replica.selector.class";
    static final String REBALANCE = "auto.leader.rebalance.enable";
    static final String IMBALANCE_CHECK_SECONDS = "leader.imbalance.check.interval.seconds";
    static final String IMBALANCE_PERCENTAGE = "leader.imbalance.per.broker.percentage";

    /** Set while nodes run, by tools that move partitions (KIP-73). */
    static final List<String> THROTTLES =
            List.of(
                    "leader.replication.throttled.rate",
                    "follower.replication.throttled.rate",
                    "replica.alter.log.dirs.io.max.bytes.per.second");

    /** Set while nodes run, by {@code millrace node drain}. */
    static final String DRAINED = DrainedNodes.KEY;

    /**
     * Leaders only, or replicas in the consumer's rack (KIP-392), by the names of Kafka's classes.
     */
    static final String RACK_AWARE = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

    private static final String LEADERS_ONLY = "org.apache.kafka.common.replica.LeaderSelector";

    private ClusterKeys() {}

    static List<ConfigKey> quorum() {
        return List.of(
                new ConfigKey(
                        ROLES,
                        Type.LIST,
                        "",
                        List.of("broker", "controller"),
                        0,
                        "broker,controller or broker in a cluster; empty on a single node."),
                ConfigKey.text(
                        CLUSTER_ID, "", "The cluster's name, the same on each of its nodes."),
                ConfigKey.list(VOTERS, "Every controller as ID@HOST:PORT, separated by commas."),
                ConfigKey.list(
                        CONTACTS,
                        "Instead of them, controllers' HOST:PORT: the quorum itself knows who votes."
                                + " A controller that names itself alone begins it."),
                ConfigKey.flag(
                        AUTO_JOIN,
                        false,
                        "Whether a controller makes itself a voter of a quorum that may change."),
                ConfigKey.text(
                        CONTROLLER_LISTENERS,
                        "CONTROLLER",
                        "Which of the listeners controllers talk to each other by."),
                ConfigKey.text(
                        PROTOCOLS,
                        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                        "Each listener's protocol as NAME:PROTOCOL; PLAINTEXT is served."),
                ConfigKey.text(
                        "inter.broker.listener.name",
                        "",
                        "Accepted; brokers use the listener that clients use."),
                ConfigKey.number(
                        ELECTION_TIMEOUT_MS,
                        Type.INT,
                        1,
                        1000,
                        "How long a controller waits for votes."),
                ConfigKey.number(
                        FETCH_TIMEOUT_MS,
                        Type.INT,
                        501,
                        2000,
                        "A controller that hears nothing of its leader for so long has another"
                                + " elected."),
                ConfigKey.number(
                        ELECTION_BACKOFF_MS,
                        Type.INT,
                        0,
                        1000,
                        "The longest pause after an election that nobody won."),
                ConfigKey.number(
                        REQUEST_TIMEOUT_MS,
                        Type.INT,
                        1,
                        2000,
                        "How long a request between controllers may take."));
    }

    static List<ConfigKey> nodes() {
        return List.of(
                ConfigKey.number(
                        SESSION_TIMEOUT_MS,
                        Type.INT,
                        1,
                        9000,
                        "A node silent for so long loses what it leads."),
                ConfigKey.number(HEARTBEAT_MS, Type.INT, 1, 2000, "How often a node is heard of."),
                ConfigKey.list(
                        DRAINED,
                        "Nodes that get no new replicas while there are others; set by"
                                + " 'millrace node drain'."),
                ConfigKey.flag(
                        CONTROLLED_SHUTDOWN,
                        true,
                        "Whether a node that stops has others lead first."),
                ConfigKey.flag(REBALANCE, true, "Whether preferred replicas are to lead again."),
                ConfigKey.number(
                        IMBALANCE_CHECK_SECONDS,
                        Type.LONG,
                        1,
                        300,
                        "How often nodes that lack leaderships are looked for."),
                ConfigKey.number(
                                IMBALANCE_PERCENTAGE,
                                Type.INT,
                                0,
                                10,
                                "How much of what prefers it a node may lack.")
                        .atMost(100));
    }

    static List<ConfigKey> throttles() {
        return THROTTLES.stream()
                .map(name ->
                        ConfigKey.number(
                                name,
                                Type.LONG,
                                1,
                                Long.MAX_VALUE,
                                name.startsWith("replica.")
                                        ? "Accepted; there is one log directory."
                                        : "Bytes a second to the throttled replicas that are not in"
                                                + " sync."))
                .toList();
    }

    static List<ConfigKey> replication() {
        return List.of(
                ConfigKey.number(
                        LAG_MS,
                        Type.LONG,
                        1,
                        30_000,
                        "A replica that has not caught up for so long is not in sync."),
                ConfigKey.number(
                        FETCH_BYTES,
                        Type.INT,
                        0,
                        1 << 20,
                        "Bytes of a partition that a replica asks for at once."),
                ConfigKey.number(
                        FETCH_RESPONSE_BYTES,
                        Type.INT,
                        0,
                        10 << 20,
                        "Bytes of all partitions that it asks for at once."),
                ConfigKey.number(
                        FETCH_WAIT_MS, Type.INT, 0, 500, "How long its request waits for records."),
                ConfigKey.number(
                        FETCH_BACKOFF_MS,
                        Type.INT,
                        0,
                        1000,
                        "How long a replica waits after its leader failed it."),
                ConfigKey.choice(
                        SELECTOR,
                        "",
                        List.of("", LEADERS_ONLY, RACK_AWARE),
                        "Whether consumers read from leaders, or from replicas in their rack."));
    }
}
