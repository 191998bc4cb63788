package io.millrace.broker.config;

import io.millrace.broker.config.ConfigKey.Type;
import java.util.List;
import java.util.stream.Stream;

/** The keys of groups and of client metrics, by Kafka's names. */
public final class GroupKeys {
    private static final int MINUTE_MS = 60_000;

    /** Keys of groups; what the broker allows of them says {@link GroupBounds}. */
    public static final KeyTable GROUPS =
            new KeyTable(
                    withQueues(
                            session("consumer", 45_000),
                            heartbeat("consumer"),
                            interval("consumer"),
                            session("share", 45_000),
                            heartbeat("share"),
                            interval("share"),
                            ConfigKey.text(
                                    "share.auto.offset.reset",
                                    "latest",
                                    "Where a new share group starts."),
                            ConfigKey.choice(
                                    "share.isolation.level",
                                    "read_uncommitted",
                                    List.of("read_uncommitted", "read_committed"),
                                    "Whether a share group sees open transactions."),
                            session("streams", 45_000),
                            heartbeat("streams"),
                            ConfigKey.number(
                                    "streams.initial.rebalance.delay.ms",
                                    Type.INT,
                                    0,
                                    3000,
                                    "How long the first member waits for more."),
                            interval("streams"),
                            ConfigKey.number(
                                    "streams.num.standby.replicas",
                                    Type.INT,
                                    0,
                                    0,
                                    "Standby tasks of a streams group.")),
                    Other.SHOWN,
                    Other.HIDDEN);

    /** Keys of client metrics subscriptions (KIP-714). */
    public static final KeyTable CLIENT_METRICS =
            new KeyTable(
                    List.of(
                            ConfigKey.text("metrics", "", "Prefixes of the metrics to push."),
                            ConfigKey.number(
                                    "interval.ms",
                                    Type.INT,
                                    100,
                                    5 * MINUTE_MS,
                                    "How often clients push."),
                            ConfigKey.text("match", "", "Which clients push.")));

    private GroupKeys() {}

    private static List<ConfigKey> withQueues(ConfigKey... others) {
        return Stream.of(Stream.of(others), ShareLimitKeys.GROUP.stream(), QueueKeys.GROUP.stream())
                .flatMap(keys -> keys)
                .toList();
    }

    private static ConfigKey session(String kind, int defaultMs) {
        return ConfigKey.number(
                kind + ".session.timeout.ms",
                Type.INT,
                1,
                defaultMs,
                "A member silent for so long is removed.");
    }

    private static ConfigKey interval(String kind) {
        return ConfigKey.number(
                kind + ".assignment.interval.ms",
                Type.INT,
                0,
                1000,
                "How long at least from one assignment to the next.");
    }

    private static ConfigKey heartbeat(String kind) {
        return ConfigKey.number(
                kind + ".heartbeat.interval.ms",
                Type.INT,
                1,
                5000,
                "How often members are to send heartbeats.");
    }

    /** Keys of groups that are stored and shown, and steer nothing here yet. */
    private static final class Other {
        private static final String OFFLOAD_DOC =
                "Accepted; assignments are made on the group's loop.";
        private static final String WARMUP_DOC =
                "Accepted; replicas are not warmed up before a task moves.";

        static final List<ConfigKey> SHOWN =
                List.of(
                        ConfigKey.text("streams.assignor.name", null, "Who assigns streams tasks."),
                        ConfigKey.list(
                                "streams.rack.aware.assignment.tags",
                                "Client tags over which standby tasks are spread."));

        static final List<ConfigKey> HIDDEN =
                List.of(
                        offload("consumer"),
                        offload("share"),
                        offload("streams"),
                        ConfigKey.number(
                                "streams.acceptable.recovery.lag",
                                Type.LONG,
                                0,
                                10_000,
                                WARMUP_DOC),
                        ConfigKey.number("streams.num.warmup.replicas", Type.INT, 0, 2, WARMUP_DOC),
                        ConfigKey.number(
                                "streams.task.offset.interval.ms",
                                Type.INT,
                                1,
                                60_000,
                                WARMUP_DOC));

        private Other() {}

        private static ConfigKey offload(String kind) {
            return ConfigKey.flag(kind + ".assignor.offload.enable", true, OFFLOAD_DOC);
        }
    }
}
