package io.millrace.broker.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a broker lets its groups set, and what holds for a group that sets nothing. For the group's
 * key {@code share.record.lock.duration.ms} the broker has {@code
 * group.share.record.lock.duration.ms}, and {@code min.} and {@code max.} before the key's last
 * part. Refusals are worded as Kafka 4.4's GroupConfig does. Stateless.
 */
public final class GroupBounds {
    private static final String PREFIX = "group.";
    private static final String COUNT = "num.";
    private static final List<String> KINDS = List.of("consumer", "share", "streams");
    private static final String SESSION = ".session.timeout.ms";
    private static final String HEARTBEAT = ".heartbeat.interval.ms";

    private GroupBounds() {}

    /** The broker's key that holds for a group where the group's is not set; null if none. */
    public static @Nullable String synonym(String groupKey) {
        String name = PREFIX + groupKey;
        return BrokerKeys.TABLE.find(name) == null ? null : name;
    }

    /** What is in force for a group, given what is set for it. */
    public static @Nullable String inForce(
            BrokerConfig broker, ConfigKey key, Map<String, String> own) {
        String value = own.get(key.name());
        if (value != null) {
            return key.type() == ConfigKey.Type.INT
                    ? Integer.toString(clamped(broker, key.name(), Integer.parseInt(value.strip())))
                    : value.strip();
        }
        String synonym = synonym(key.name());
        return synonym == null ? key.defaultValue() : broker.text(synonym).strip();
    }

    /** A group's value, brought within what the broker allows now. */
    public static int clamped(BrokerConfig broker, String groupKey, int value) {
        @Nullable String least = bound(groupKey, "min.");
        @Nullable String most = bound(groupKey, "max.");
        int lowered = most == null ? value : Math.min(value, broker.integer(most));
        return least == null ? lowered : Math.max(lowered, broker.integer(least));
    }

    /** Why a group may not have a value that is legal otherwise; null if it may. */
    public static @Nullable String problem(BrokerConfig broker, String groupKey, String value) {
        @Nullable String least = bound(groupKey, "min.");
        @Nullable String most = bound(groupKey, "max.");
        boolean free = least == null && most == null;
        if (free || isWithin(broker, groupKey, Integer.parseInt(value.strip()))) {
            return null;
        }
        if (least == null) {
            return "%s must be less than or equal to %s".formatted(groupKey, text(broker, most));
        }
        if (most == null) {
            return atLeast(groupKey, text(broker, least));
        }
        return "%s must be in the range %s to %s inclusive."
                .formatted(groupKey, text(broker, least), text(broker, most));
    }

    private static boolean isWithin(BrokerConfig broker, String groupKey, int value) {
        return clamped(broker, groupKey, value) == value;
    }

    private static String text(BrokerConfig broker, @Nullable String key) {
        return key == null ? "" : broker.text(key).strip();
    }

    /** Why values of a group do not go together; null if they do. */
    public static @Nullable String conflict(BrokerConfig broker, Map<String, String> own) {
        for (String kind : KINDS) {
            boolean named = own.containsKey(kind + SESSION) || own.containsKey(kind + HEARTBEAT);
            if (named
                    && number(broker, own, kind + SESSION)
                            <= number(broker, own, kind + HEARTBEAT)) {
                return "%s must be greater than %s".formatted(kind + SESSION, kind + HEARTBEAT);
            }
        }
        return null;
    }

    private static int number(BrokerConfig broker, Map<String, String> own, String groupKey) {
        return own.containsKey(groupKey)
                ? clamped(broker, groupKey, Integer.parseInt(own.get(groupKey).strip()))
                : broker.integer(PREFIX + groupKey);
    }

    /** Why a broker cannot have such defaults and bounds; null if it can. */
    static @Nullable String brokerConflict(BrokerConfig broker) {
        for (ConfigKey key : GroupKeys.GROUPS.all()) {
            String problem = brokerConflict(broker, key.name());
            if (problem != null) {
                return problem;
            }
        }
        for (String kind : KINDS) {
            String session = PREFIX + kind + SESSION;
            String heartbeat = PREFIX + kind + HEARTBEAT;
            if (broker.integer(heartbeat) >= broker.integer(session)) {
                return "%s must be less than %s".formatted(heartbeat, session);
            }
        }
        return null;
    }

    private static @Nullable String brokerConflict(BrokerConfig broker, String groupKey) {
        String own = PREFIX + groupKey;
        @Nullable String least = bound(groupKey, "min.");
        @Nullable String most = bound(groupKey, "max.");
        if (least != null && most != null && broker.integer(most) < broker.integer(least)) {
            return atLeast(most, least);
        }
        if (least != null && broker.integer(own) < broker.integer(least)) {
            return atLeast(own, least);
        }
        if (most != null && broker.integer(most) < broker.integer(own)) {
            return atLeast(most, own);
        }
        return null;
    }

    private static String atLeast(String larger, String smaller) {
        return "%s must be greater than or equal to %s".formatted(larger, smaller);
    }

    /** The broker's key of a bound, such as {@code group.streams.max.standby.replicas}. */
    private static @Nullable String bound(String groupKey, String which) {
        int kindEnds = groupKey.indexOf('.') + 1;
        String last = groupKey.substring(kindEnds);
        String what = last.startsWith(COUNT) ? last.substring(COUNT.length()) : last;
        String name = PREFIX + groupKey.substring(0, kindEnds) + which + what;
        return BrokerKeys.TABLE.find(name) == null ? null : name;
    }
}
