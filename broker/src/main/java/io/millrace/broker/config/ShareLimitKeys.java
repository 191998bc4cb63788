package io.millrace.broker.config;

import io.millrace.broker.config.ConfigKey.Type;
import java.util.List;

/** The keys of what a share group may hold, for how long and how often, with Kafka 4.4's bounds. */
final class ShareLimitKeys {
    private static final String LOCK_MS = "record.lock.duration.ms";
    private static final String DELIVERIES = "delivery.count.limit";
    private static final String LOCKS = "partition.max.record.locks";
    private static final String LOCK_DOC = "How long a share consumer holds a record.";
    private static final String DELIVERIES_DOC = "How often a record is delivered at most.";
    private static final String LOCKS_DOC = "Records of a partition that may be held at once.";
    private static final int HOUR_MS = 3_600_000;

    /** Keys of groups; the broker's bounds go beyond what is said here. */
    static final List<ConfigKey> GROUP =
            List.of(
                    number("share." + LOCK_MS, 1000, 30_000, LOCK_DOC),
                    number("share." + DELIVERIES, 2, 5, DELIVERIES_DOC),
                    number("share." + LOCKS, 100, 2000, LOCKS_DOC));

    /** Keys of brokers. */
    static final List<ConfigKey> BROKER =
            List.of(
                    number("group.share." + LOCK_MS, 1000, 30_000, LOCK_DOC).atMost(HOUR_MS),
                    least(LOCK_MS, 1000, 15_000, 30_000),
                    most(LOCK_MS, 30_000, 60_000, HOUR_MS),
                    number("group.share." + DELIVERIES, 2, 5, DELIVERIES_DOC).atMost(10),
                    least(DELIVERIES, 2, 2, 5),
                    most(DELIVERIES, 5, 10, 25),
                    number("group.share." + LOCKS, 100, 2000, LOCKS_DOC).atMost(10_000),
                    least(LOCKS, 100, 100, 2000),
                    most(LOCKS, 2000, 4000, 10_000));

    private ShareLimitKeys() {}

    private static ConfigKey least(String name, int from, int defaultValue, int to) {
        String full = "group.share.min." + name;
        return number(full, from, defaultValue, "The least that a group may set.").atMost(to);
    }

    private static ConfigKey most(String name, int from, int defaultValue, int to) {
        String full = "group.share.max." + name;
        return number(full, from, defaultValue, "The most that a group may set.").atMost(to);
    }

    private static ConfigKey number(String name, int least, int defaultValue, String doc) {
        return ConfigKey.number(name, Type.INT, least, defaultValue, doc);
    }
}
