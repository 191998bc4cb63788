package io.millrace.broker.config;

import io.millrace.broker.config.ConfigKey.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of queues: Kafka's of share groups and dead letters, and our own. */
public final class QueueKeys {
    /** Group key: the topic of records that cannot be processed; empty for none (KIP-1191). */
    public static final String DEAD_LETTER_TOPIC = "errors.deadletterqueue.topic.name";

    /** Group key: whether dead letters carry key, value and headers, or only where they are. */
    public static final String DEAD_LETTER_COPY = "errors.deadletterqueue.copy.record.enable";

    /** Topic key: whether groups may write their dead letters to the topic. */
    public static final String DEAD_LETTER_ALLOWED = "errors.deadletterqueue.group.enable";

    /** Broker key: whether topics of dead letters are made when they are needed. */
    public static final String DEAD_LETTER_CREATE =
            "errors.deadletterqueue.auto.create.topics.enable";

    /** Broker key: how the names of such topics begin. */
    public static final String DEAD_LETTER_PREFIX = "errors.deadletterqueue.topic.name.prefix";

    /** Group key: read-only; what the group's queues look like now, as JSON. */
    public static final String STATUS = "millrace.queue.status";

    /** Keys of groups. */
    static final List<ConfigKey> GROUP =
            List.of(
                    ConfigKey.flag(
                            "share.renew.acknowledge.enable",
                            true,
                            "Whether share consumers may renew their hold on a record."),
                    ConfigKey.text(
                            DEAD_LETTER_TOPIC,
                            "",
                            "Where records go that cannot be processed; empty for nowhere."),
                    ConfigKey.flag(
                            DEAD_LETTER_COPY,
                            false,
                            "Whether they go there whole, or only their whereabouts."),
                    ConfigKey.flag(
                            "millrace.queue.paused",
                            false,
                            "Whether the group's queues hand out nothing."),
                    ConfigKey.flag(
                            "millrace.queue.headers.enable",
                            false,
                            "Whether millrace.* headers of records are honoured."),
                    ConfigKey.number(
                            "millrace.queue.delay.ms",
                            Type.LONG,
                            0,
                            0,
                            "How long after its timestamp a record is first delivered."),
                    ConfigKey.number(
                            "millrace.queue.ttl.ms",
                            Type.LONG,
                            -1,
                            -1,
                            "How long after its timestamp a record is still delivered; -1 for ever."),
                    ConfigKey.choice(
                            "millrace.queue.order",
                            "none",
                            List.of("none", "key"),
                            "Whether the records of a key come one at a time and in order."),
                    ConfigKey.number(
                                    "millrace.queue.priorities",
                                    Type.INT,
                                    1,
                                    1,
                                    "Classes of priority; the header millrace.priority names one.")
                            .atMost(10),
                    ConfigKey.number(
                            "millrace.queue.retry.backoff.ms",
                            Type.LONG,
                            0,
                            0,
                            "How long a record rests after its first delivery failed."),
                    ConfigKey.number(
                            "millrace.queue.retry.backoff.max.ms",
                            Type.LONG,
                            0,
                            60_000,
                            "How long it rests at most, however often it failed."),
                    new ConfigKey(
                            "millrace.queue.retry.backoff.multiplier",
                            Type.DOUBLE,
                            "2.0",
                            List.of(),
                            1,
                            100,
                            "How much longer each rest is than the last."),
                    new ConfigKey(
                            "millrace.queue.retry.backoff.jitter",
                            Type.DOUBLE,
                            "0.2",
                            List.of(),
                            0,
                            1,
                            "The share of each rest that is left to chance."),
                    ConfigKey.text(
                            "millrace.queue.redriven",
                            "",
                            "Up to where dead letters were sent again; kept by millrace queue."));

    /** Keys of brokers. */
    static final List<ConfigKey> BROKER =
            List.of(
                    ConfigKey.flag(
                            DEAD_LETTER_CREATE,
                            false,
                            "Whether topics of dead letters are made when they are needed."),
                    ConfigKey.text(
                            DEAD_LETTER_PREFIX,
                            "dlq.",
                            "How the name of a topic begins that is made for dead letters."),
                    ConfigKey.number(
                            "group.share.max.share.sessions",
                            Type.INT,
                            1,
                            2000,
                            "Share sessions that are kept at most."),
                    ConfigKey.number(
                            "share.coordinator.state.topic.num.partitions",
                            Type.INT,
                            1,
                            50,
                            "Partitions of the topic that keeps the state of queues."),
                    ConfigKey.number(
                            "share.coordinator.state.topic.replication.factor",
                            Type.INT,
                            1,
                            3,
                            "Replicas of that topic, if there are as many nodes."),
                    ConfigKey.number(
                            "share.coordinator.state.topic.min.isr",
                            Type.INT,
                            1,
                            2,
                            "In-sync replicas that a write to that topic needs."),
                    ConfigKey.number(
                            "share.coordinator.state.topic.segment.bytes",
                            Type.INT,
                            1024,
                            8 << 20,
                            "Segments of that topic."));

    private static final String OFFSET_RESET = "share.auto.offset.reset";
    private static final String BY_DURATION = "by_duration:";

    private QueueKeys() {}

    /** What is wrong with a group's value that its key's type does not tell; null if nothing is. */
    public static @Nullable String problem(String key, String value) {
        return switch (key) {
            case STATUS -> STATUS + " cannot be set";
            case DEAD_LETTER_TOPIC ->
                    value.startsWith("__")
                            ? DEAD_LETTER_TOPIC + ": DLQ topic name must not start with '__'"
                            : null;
            case OFFSET_RESET -> isReset(value) ? null : invalidReset(value);
            default -> null;
        };
    }

    private static boolean isReset(String value) {
        if (value.equals("latest") || value.equals("earliest")) {
            return true;
        }
        try {
            return value.startsWith(BY_DURATION)
                    && !Duration.parse(value.substring(BY_DURATION.length())).isNegative();
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static String invalidReset(String value) {
        return "Invalid value %s for configuration %s: it must be latest, earliest or %sPnDTnHnMn.nS"
                .formatted(value, OFFSET_RESET, BY_DURATION);
    }
}
