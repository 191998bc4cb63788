package io.millrace.broker.config;

import io.millrace.broker.config.ConfigKey.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of a broker: Kafka's names where they mean the same, ours under {@code millrace.}. */
public final class BrokerKeys {
    public static final String HOST = "millrace.host";
    public static final String PORT = "millrace.port";
    public static final String DATA_DIR = "log.dirs";
    public static final String NODE_ID = "node.id";
    public static final String ADVERTISED_HOST = "millrace.advertised.host";
    public static final String ADVERTISED_PORT = "millrace.advertised.port";
    public static final String DURABILITY = "millrace.durability";
    public static final String DISK_RESERVE = "millrace.disk.reserve.bytes";
    public static final String OPEN_FILES = "millrace.open.segment.files";
    public static final String CONTROL_REQUEST_BYTES = "millrace.control.request.max.bytes";
    public static final String REQUEST_MEMORY = "queued.max.request.bytes";
    public static final String ANSWER_MEMORY = "millrace.queued.answer.bytes";
    public static final String THREADS = "num.network.threads";
    public static final String FLUSH_THREADS = "millrace.flush.threads";
    public static final String PEER_TIMEOUT_MS = "request.timeout.ms";
    public static final String AUTO_CREATE = "auto.create.topics.enable";
    public static final String NUM_PARTITIONS = "num.partitions";

    private static final int MINUTE_MS = 60_000;

    /** Every key that a broker can be given, those that give topics their defaults included. */
    public static final KeyTable TABLE = new KeyTable(all());

    private BrokerKeys() {}

    /** Keys beside the defaults of topics that may change while the broker runs. */
    public static List<String> dynamic() {
        var dynamic = new ArrayList<>(ClusterKeys.THROTTLES);
        dynamic.add(ClusterKeys.DRAINED);
        return dynamic;
    }

    private static List<ConfigKey> all() {
        var keys = new ArrayList<ConfigKey>();
        keys.addAll(ownKeys());
        keys.addAll(ClusterKeys.quorum());
        keys.addAll(ClusterKeys.nodes());
        keys.addAll(ClusterKeys.replication());
        keys.addAll(ClusterKeys.throttles());
        keys.addAll(networkKeys());
        keys.addAll(answerKeys());
        keys.addAll(topicKeys());
        keys.addAll(groupKeys());
        keys.addAll(offsetKeys());
        keys.addAll(EpochGroupKeys.all());
        keys.addAll(TransactionKeys.all());
        keys.addAll(ShareLimitKeys.BROKER);
        keys.addAll(QueueKeys.BROKER);
        keys.addAll(logDefaults());
        return keys;
    }

    private static List<ConfigKey> ownKeys() {
        return List.of(
                ConfigKey.text(HOST, "127.0.0.1", "Address that the broker listens on."),
                ConfigKey.number(
                                PORT,
                                Type.INT,
                                0,
                                9092,
                                "Port that it listens on; 0 takes a free one.")
                        .atMost(Endpoint.LARGEST_PORT),
                ConfigKey.text(
                        "listeners",
                        "",
                        "PLAINTEXT://HOST:PORT, in place of millrace.host and millrace.port, and"
                                + " CONTROLLER://HOST:PORT beside it in a cluster."),
                ConfigKey.text(
                        "advertised.listeners",
                        "",
                        "PLAINTEXT://HOST:PORT that clients are told to connect to."),
                ConfigKey.text(ADVERTISED_HOST, "", "Host that clients are told; empty: ours."),
                ConfigKey.number(
                                ADVERTISED_PORT,
                                Type.INT,
                                0,
                                0,
                                "Port that clients are told; 0: ours.")
                        .atMost(Endpoint.LARGEST_PORT),
                ConfigKey.text(DATA_DIR, "data", "Folder of the data: one."),
                ConfigKey.number(NODE_ID, Type.INT, 0, 1, "Number of this node in its cluster."),
                ConfigKey.text("broker.rack", "", "Rack that the node is in."),
                ConfigKey.choice(
                        DURABILITY,
                        "fsync",
                        List.of("fsync", "os"),
                        "When a record counts as stored: on the disk, or in the system's cache."
                                + " Metadata is on the disk either way."),
                ConfigKey.number(
                        OPEN_FILES,
                        Type.INT,
                        0,
                        0,
                        "Segment files kept open; 0: a quarter of what the system allows, 2048 at"
                                + " most."),
                ConfigKey.number(
                        DISK_RESERVE,
                        Type.LONG,
                        0,
                        256L << 20,
                        "Free bytes below which clients' writes are refused until there are more."),
                ConfigKey.number(
                        "millrace.verify.interval.ms",
                        Type.LONG,
                        1000,
                        7L * 24 * 60 * MINUTE_MS,
                        "How often every closed segment is read to find changed bits."),
                ConfigKey.number(
                        FLUSH_THREADS, Type.INT, 1, 4, "Syncs of files that may run at once."));
    }

    private static List<ConfigKey> networkKeys() {
        return List.of(
                ConfigKey.number(THREADS, Type.INT, 1, 2, "Event loops, one a core."),
                ConfigKey.number(
                        "socket.request.max.bytes", Type.INT, 1, 100 << 20, "The largest request."),
                ConfigKey.number(
                        CONTROL_REQUEST_BYTES,
                        Type.INT,
                        1024,
                        2 << 20,
                        "The largest request that is no produce: such are decoded into objects."),
                ConfigKey.number(
                        "socket.listen.backlog.size",
                        Type.INT,
                        1,
                        1024,
                        "Connections that may wait to be accepted."),
                ConfigKey.number(
                        "socket.send.buffer.bytes",
                        Type.INT,
                        -1,
                        192 * 1024,
                        "Send buffer of a connection; -1 leaves it to the system. What the system"
                                + " chooses costs a third more in fetches."),
                ConfigKey.number(
                        REQUEST_MEMORY,
                        Type.LONG,
                        1 << 20,
                        128L << 20,
                        "Bytes of requests in memory past which no more are read. As many may wait"
                                + " for records; past it those that wait longest are answered."),
                ConfigKey.number(
                        ANSWER_MEMORY,
                        Type.LONG,
                        1 << 20,
                        128L << 20,
                        "Bytes of answers that clients have not read past which the connection that"
                                + " holds most for longest is closed."),
                ConfigKey.number(
                        "max.connections",
                        Type.INT,
                        1,
                        Integer.MAX_VALUE,
                        "Connections that may be open."),
                ConfigKey.number(
                        "connections.max.idle.ms",
                        Type.LONG,
                        1,
                        10L * MINUTE_MS,
                        "A connection silent for so long is closed."));
    }

    private static List<ConfigKey> answerKeys() {
        return List.of(
                ConfigKey.number(
                        PEER_TIMEOUT_MS,
                        Type.INT,
                        1,
                        30_000,
                        "How long this broker waits for another's answer."),
                ConfigKey.number(
                        "fetch.max.bytes",
                        Type.INT,
                        1024,
                        55 << 20,
                        "The largest answer to a fetch."),
                ConfigKey.number(
                        "max.incremental.fetch.session.cache.slots",
                        Type.INT,
                        0,
                        1000,
                        "Incremental fetch sessions that are kept."));
    }

    private static List<ConfigKey> topicKeys() {
        return List.of(
                ConfigKey.flag(
                        AUTO_CREATE, true, "Whether a topic is made when a client names it."),
                ConfigKey.flag("delete.topic.enable", true, "Whether topics may be deleted."),
                ConfigKey.number(NUM_PARTITIONS, Type.INT, 1, 1, "Partitions of a new topic."),
                ConfigKey.number(
                        "default.replication.factor", Type.INT, 1, 1, "Replicas of a new topic."),
                ConfigKey.number(
                        "log.retention.check.interval.ms",
                        Type.LONG,
                        1,
                        5L * MINUTE_MS,
                        "How often old segments are looked for."),
                ConfigKey.number(
                        "log.cleaner.backoff.ms",
                        Type.LONG,
                        0,
                        15_000,
                        "How often logs to compact are looked for."),
                ConfigKey.number(
                        "log.cleaner.dedupe.buffer.size",
                        Type.LONG,
                        1 << 20,
                        64L << 20,
                        "Memory for the keys of one compaction."),
                ConfigKey.number(
                        "producer.id.expiration.ms",
                        Type.INT,
                        1,
                        24 * 60 * MINUTE_MS,
                        "A producer silent for so long is forgotten."));
    }

    private static List<ConfigKey> groupKeys() {
        return List.of(
                ConfigKey.number(
                        "group.initial.rebalance.delay.ms",
                        Type.INT,
                        0,
                        3000,
                        "How long an empty group waits for more members."),
                ConfigKey.number(
                        "group.min.session.timeout.ms",
                        Type.INT,
                        0,
                        6000,
                        "The shortest session timeout."),
                ConfigKey.number(
                        "group.max.session.timeout.ms",
                        Type.INT,
                        0,
                        30 * MINUTE_MS,
                        "The longest session timeout."),
                ConfigKey.number(
                        "group.max.size",
                        Type.INT,
                        1,
                        Integer.MAX_VALUE,
                        "Members that a group may have."),
                ConfigKey.number(
                        "millrace.group.max.per.partition",
                        Type.INT,
                        1,
                        20_000,
                        "Groups that a partition of __consumer_offsets keeps; more are refused."));
    }

    private static List<ConfigKey> offsetKeys() {
        return List.of(
                ConfigKey.number(
                        "offsets.topic.num.partitions",
                        Type.INT,
                        1,
                        50,
                        "Partitions of the topic that keeps groups and offsets."),
                ConfigKey.number(
                        "offsets.topic.replication.factor",
                        Type.INT,
                        1,
                        3,
                        "Replicas of that topic, if there are as many nodes."),
                ConfigKey.number(
                        "offsets.topic.segment.bytes",
                        Type.INT,
                        1024,
                        100 << 20,
                        "Segments of that topic."),
                ConfigKey.number(
                        "offsets.retention.minutes",
                        Type.INT,
                        1,
                        7 * 24 * 60,
                        "How long offsets outlive the last member of their group."),
                ConfigKey.number(
                        "offsets.retention.check.interval.ms",
                        Type.LONG,
                        1,
                        10L * MINUTE_MS,
                        "How often such offsets are looked for."),
                ConfigKey.number(
                        "offset.metadata.max.bytes",
                        Type.INT,
                        0,
                        4096,
                        "Text that a commit may carry."));
    }

    private static List<ConfigKey> logDefaults() {
        var keys = new ArrayList<ConfigKey>();
        for (ConfigKey topic : TopicKeys.TABLE.all()) {
            String name = TopicKeys.synonym(topic.name());
            String doc = "Default of the topics' " + topic.name() + ". " + topic.doc();
            keys.add(
                    new ConfigKey(
                            name,
                            topic.type(),
                            defaultOf(topic),
                            topic.allowed(),
                            topic.least(),
                            topic.most(),
                            doc));
        }
        keys.add(ConfigKey.number("log.retention.minutes", Type.INT, -1, -1, RETENTION_DOC));
        keys.add(ConfigKey.number("log.retention.hours", Type.INT, -1, 168, RETENTION_DOC));
        keys.add(
                ConfigKey.number(
                        "log.roll.hours", Type.INT, 1, 168, "log.roll.ms, if that is not set."));
        return keys;
    }

    private static final String RETENTION_DOC = "log.retention.ms, if that is not set.";

    private static @Nullable String defaultOf(ConfigKey topic) {
        boolean derived =
                topic.name().equals(TopicKeys.RETENTION_MS)
                        || topic.name().equals(TopicKeys.SEGMENT_MS);
        return derived ? null : topic.defaultValue();
    }
}
