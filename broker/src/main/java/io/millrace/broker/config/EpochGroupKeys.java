package io.millrace.broker.config;

import io.millrace.broker.config.ConfigKey.Type;
import java.util.ArrayList;
import java.util.List;

/** The broker's keys of groups whose members have epochs, by Kafka's names. */
final class EpochGroupKeys {
    private static final int SESSION_MS = 45_000;
    private static final int LONGEST_SESSION_MS = 60_000;
    private static final int HEARTBEAT_MS = 5000;
    private static final int LONGEST_HEARTBEAT_MS = 15_000;

    private EpochGroupKeys() {}

    static List<ConfigKey> all() {
        var keys = new ArrayList<ConfigKey>();
        for (String kind : List.of("consumer", "share", "streams")) {
            keys.addAll(timeouts("group." + kind + "."));
            keys.addAll(intervals("group." + kind + "."));
        }
        keys.add(size("consumer", Integer.MAX_VALUE));
        keys.add(size("share", 200).atMost(1000));
        keys.add(size("streams", Integer.MAX_VALUE));
        keys.add(
                ConfigKey.number(
                        "group.streams.initial.rebalance.delay.ms",
                        Type.INT,
                        0,
                        3000,
                        "How long an application's first member waits for more."));
        keys.add(
                ConfigKey.number(
                        "group.streams.num.standby.replicas",
                        Type.INT,
                        0,
                        0,
                        "Replicas of the state of each task."));
        keys.add(
                ConfigKey.number(
                        "group.streams.max.standby.replicas",
                        Type.INT,
                        0,
                        2,
                        "The most that a group may set."));
        keys.add(
                ConfigKey.choice(
                        "group.consumer.migration.policy",
                        "bidirectional",
                        List.of("disabled", "upgrade", "downgrade", "bidirectional"),
                        "Whether groups move between the classic and the consumer protocol."));
        return keys;
    }

    private static List<ConfigKey> timeouts(String prefix) {
        return List.of(
                timeout(
                        prefix + "session.timeout.ms",
                        SESSION_MS,
                        "How long a member may be silent."),
                timeout(
                        prefix + "min.session.timeout.ms",
                        SESSION_MS,
                        "The least that a group may set."),
                timeout(
                        prefix + "max.session.timeout.ms",
                        LONGEST_SESSION_MS,
                        "The most that a group may set."),
                timeout(
                        prefix + "heartbeat.interval.ms",
                        HEARTBEAT_MS,
                        "How often members are to be heard of."),
                timeout(
                        prefix + "min.heartbeat.interval.ms",
                        HEARTBEAT_MS,
                        "The least that a group may set."),
                timeout(
                        prefix + "max.heartbeat.interval.ms",
                        LONGEST_HEARTBEAT_MS,
                        "The most that a group may set."));
    }

    private static List<ConfigKey> intervals(String prefix) {
        String name = "assignment.interval.ms";
        return List.of(
                interval(
                        prefix + name,
                        1000,
                        "How long at least from one assignment of a group to the next."),
                interval(prefix + "min." + name, 0, "The least that a group may set."),
                interval(prefix + "max." + name, 15_000, "The most that a group may set."));
    }

    private static ConfigKey interval(String name, int defaultMs, String doc) {
        return ConfigKey.number(name, Type.INT, 0, defaultMs, doc);
    }

    private static ConfigKey size(String kind, int largest) {
        String doc = "Members that a group may have.";
        return ConfigKey.number("group." + kind + ".max.size", Type.INT, 1, largest, doc);
    }

    private static ConfigKey timeout(String name, int defaultMs, String doc) {
        return ConfigKey.number(name, Type.INT, 1, defaultMs, doc);
    }
}
