package io.millrace.broker.config;

import io.millrace.broker.config.ConfigKey.Type;
import io.millrace.cluster.controller.Growth;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys of topics, by Kafka's names, and the broker keys that give their defaults. */
public final class TopicKeys {
    public static final String CLEANUP_POLICY = "cleanup.policy";
    public static final String COMPRESSION_TYPE = "compression.type";
    public static final String SEGMENT_BYTES = "segment.bytes";
    public static final String INTERNAL_SEGMENT_BYTES = "internal.segment.bytes";
    public static final String RETENTION_MS = "retention.ms";
    public static final String SEGMENT_MS = "segment.ms";

    private static final int LARGEST_RECORD_BYTES = Integer.MAX_VALUE - 8;
    private static final long DAY_MS = 24L * 3600 * 1000;

    /** Every key of a topic. */
    public static final KeyTable TABLE =
            new KeyTable(
                    List.of(
                            new ConfigKey(
                                    CLEANUP_POLICY,
                                    Type.LIST,
                                    "delete",
                                    List.of("delete", "compact"),
                                    0,
                                    "What becomes of old records: delete them, compact them by"
                                            + " key, both, or neither if empty."),
                            ConfigKey.choice(
                                    COMPRESSION_TYPE,
                                    "producer",
                                    List.of(
                                            "uncompressed",
                                            "zstd",
                                            "lz4",
                                            "snappy",
                                            "gzip",
                                            "producer"),
                                    "How batches are stored; producer keeps the producer's codec."),
                            ConfigKey.number(
                                            "compression.gzip.level",
                                            Type.INT,
                                            -1,
                                            -1,
                                            "Level of gzip; -1 is its default.")
                                    .atMost(9),
                            ConfigKey.number(
                                            "compression.lz4.level",
                                            Type.INT,
                                            1,
                                            9,
                                            "Level of lz4; 9 is the fast compressor.")
                                    .atMost(17),
                            ConfigKey.number(
                                            "compression.zstd.level",
                                            Type.INT,
                                            -131072,
                                            3,
                                            "Level of zstd.")
                                    .atMost(22),
                            ConfigKey.number(
                                    "delete.retention.ms",
                                    Type.LONG,
                                    0,
                                    DAY_MS,
                                    "How long tombstones stay after compaction."),
                            ConfigKey.flag(
                                    "errors.deadletterqueue.group.enable",
                                    false,
                                    "Whether the topic may serve as a dead-letter queue."),
                            ConfigKey.number(
                                    "file.delete.delay.ms",
                                    Type.LONG,
                                    0,
                                    60_000,
                                    "Accepted; readers keep deleted files open, so they go at"
                                            + " once."),
                            ConfigKey.number(
                                    "flush.messages",
                                    Type.LONG,
                                    1,
                                    Long.MAX_VALUE,
                                    "Accepted; millrace.durability decides when to flush."),
                            ConfigKey.number(
                                    "flush.ms",
                                    Type.LONG,
                                    0,
                                    Long.MAX_VALUE,
                                    "Accepted; millrace.durability decides when to flush."),
                            ConfigKey.list(
                                    "follower.replication.throttled.replicas",
                                    "Replicas whose replication is throttled as followers."),
                            ConfigKey.number(
                                    "index.interval.bytes",
                                    Type.INT,
                                    0,
                                    4096,
                                    "Bytes of a segment between entries of its index."),
                            ConfigKey.list(
                                    "leader.replication.throttled.replicas",
                                    "Replicas whose replication is throttled as leaders."),
                            ConfigKey.number(
                                    "local.retention.bytes",
                                    Type.LONG,
                                    -2,
                                    -2,
                                    "Accepted; there is no tiered storage."),
                            ConfigKey.number(
                                    "local.retention.ms",
                                    Type.LONG,
                                    -2,
                                    -2,
                                    "Accepted; there is no tiered storage."),
                            ConfigKey.number(
                                    "max.compaction.lag.ms",
                                    Type.LONG,
                                    1,
                                    Long.MAX_VALUE,
                                    "A record is compacted at the latest after so long."),
                            ConfigKey.number(
                                            "max.decompressed.message.bytes",
                                            Type.INT,
                                            1,
                                            LARGEST_RECORD_BYTES,
                                            "The largest record that is accepted in a"
                                                    + " compressed batch.")
                                    .atMost(LARGEST_RECORD_BYTES),
                            ConfigKey.number(
                                    "max.message.bytes",
                                    Type.INT,
                                    0,
                                    1_048_588,
                                    "The largest batch that is accepted."),
                            ConfigKey.number(
                                    "message.timestamp.after.max.ms",
                                    Type.LONG,
                                    0,
                                    3_600_000,
                                    "How far a record's time may lie ahead of the broker's."),
                            ConfigKey.number(
                                    "message.timestamp.before.max.ms",
                                    Type.LONG,
                                    0,
                                    Long.MAX_VALUE,
                                    "How far a record's time may lie behind the broker's."),
                            ConfigKey.choice(
                                    "message.timestamp.type",
                                    "CreateTime",
                                    List.of("CreateTime", "LogAppendTime"),
                                    "Whose time a record keeps: the producer's or the log's."),
                            new ConfigKey(
                                            "min.cleanable.dirty.ratio",
                                            Type.DOUBLE,
                                            "0.5",
                                            List.of(),
                                            0,
                                            "Share of a log that must be new before it is compacted.")
                                    .atMost(1),
                            ConfigKey.number(
                                    "min.compaction.lag.ms",
                                    Type.LONG,
                                    0,
                                    0,
                                    "A record is not compacted before it is so old."),
                            ConfigKey.number(
                                    "min.insync.replicas",
                                    Type.INT,
                                    1,
                                    1,
                                    "In-sync replicas that acks=all needs."),
                            ConfigKey.flag(
                                    "preallocate",
                                    false,
                                    "Accepted; segments grow as they are written."),
                            ConfigKey.flag(
                                    "remote.log.copy.disable",
                                    false,
                                    "Accepted; there is no tiered storage."),
                            ConfigKey.flag(
                                    "remote.log.delete.on.disable",
                                    false,
                                    "Accepted; there is no tiered storage."),
                            ConfigKey.number(
                                    "remote.copy.lag.ms",
                                    Type.LONG,
                                    -1,
                                    0,
                                    "Accepted; there is no tiered storage."),
                            ConfigKey.number(
                                    "remote.copy.lag.bytes",
                                    Type.LONG,
                                    -1,
                                    -1,
                                    "Accepted; there is no tiered storage."),
                            ConfigKey.flag(
                                    "remote.storage.enable",
                                    false,
                                    "Accepted as false only; there is no tiered storage."),
                            ConfigKey.number(
                                    "retention.bytes",
                                    Type.LONG,
                                    -1,
                                    -1,
                                    "Size above which the oldest segments go; -1 any."),
                            ConfigKey.number(
                                    RETENTION_MS,
                                    Type.LONG,
                                    -1,
                                    7 * DAY_MS,
                                    "Age after which segments go; -1 never."),
                            ConfigKey.number(
                                    SEGMENT_BYTES,
                                    Type.INT,
                                    1024,
                                    1 << 30,
                                    "Size at which a new segment begins."),
                            ConfigKey.number(
                                    "segment.index.bytes",
                                    Type.INT,
                                    4,
                                    10 << 20,
                                    "Size of a segment's index at which a new segment begins."),
                            ConfigKey.number(
                                    "segment.jitter.ms",
                                    Type.LONG,
                                    0,
                                    0,
                                    "By how much segment.ms is shortened at random."),
                            ConfigKey.number(
                                    SEGMENT_MS,
                                    Type.LONG,
                                    1,
                                    7 * DAY_MS,
                                    "Age at which a new segment begins."),
                            ConfigKey.flag(
                                    "unclean.leader.election.enable",
                                    false,
                                    "Whether a replica that lacks records may lead.")),
                    List.of(),
                    List.of(
                            new ConfigKey(
                                    INTERNAL_SEGMENT_BYTES,
                                    Type.INT,
                                    null,
                                    List.of(),
                                    1,
                                    "Stands in for segment.bytes, for tests."),
                            ConfigKey.number(
                                    Growth.REPLICAS,
                                    Type.INT,
                                    1,
                                    1,
                                    "Replicas that the topic gets once there are nodes for them."),
                            ConfigKey.number(
                                    Growth.MIN_IN_SYNC,
                                    Type.INT,
                                    1,
                                    1,
                                    "Its min.insync.replicas from then on.")));

    /** Broker keys under other names than "log." and the topic's key. */
    private static final Map<String, String> SYNONYMS =
            Map.of(
                    "max.message.bytes",
                    "message.max.bytes",
                    COMPRESSION_TYPE,
                    "compression.type",
                    "compression.gzip.level",
                    "compression.gzip.level",
                    "compression.lz4.level",
                    "compression.lz4.level",
                    "compression.zstd.level",
                    "compression.zstd.level",
                    SEGMENT_MS,
                    "log.roll.ms",
                    "segment.jitter.ms",
                    "log.roll.jitter.ms",
                    "segment.index.bytes",
                    "log.index.size.max.bytes",
                    "min.insync.replicas",
                    "min.insync.replicas",
                    "unclean.leader.election.enable",
                    "unclean.leader.election.enable");

    private static final Map<String, String> CLEANER_SYNONYMS =
            Map.of(
                    "delete.retention.ms", "log.cleaner.delete.retention.ms",
                    "min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms",
                    "max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms",
                    "min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio",
                    "file.delete.delay.ms", "log.segment.delete.delay.ms",
                    "flush.messages", "log.flush.interval.messages",
                    "flush.ms", "log.flush.interval.ms",
                    "max.decompressed.message.bytes", "max.decompressed.message.bytes");

    private TopicKeys() {}

    /** What is wrong with values of one topic that are legal each by itself; null if nothing. */
    public static @Nullable String conflict(Map<String, String> own) {
        String least = own.get("min.compaction.lag.ms");
        String most = own.get("max.compaction.lag.ms");
        boolean crossed =
                least != null
                        && most != null
                        && Long.parseLong(least.strip()) > Long.parseLong(most.strip());
        if (crossed) {
            return "conflict topic config setting min.compaction.lag.ms (%s) > max.compaction.lag.ms (%s)"
                    .formatted(least, most);
        }
        return Boolean.parseBoolean(own.get("remote.storage.enable"))
                ? "Tiered Storage functionality is disabled in the broker. Topic cannot be"
                        + " configured with remote log storage."
                : null;
    }

    /** The broker key that gives the default of a topic's key. */
    public static String synonym(String topicKey) {
        String other = SYNONYMS.get(topicKey);
        return other != null ? other : CLEANER_SYNONYMS.getOrDefault(topicKey, "log." + topicKey);
    }
}
