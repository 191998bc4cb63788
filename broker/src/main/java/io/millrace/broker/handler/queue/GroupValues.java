package io.millrace.broker.handler.queue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.GroupBounds;
import io.millrace.broker.config.GroupKeys;
import java.util.Map;

/** The settings in force of one group: its own within the broker's bounds, or the broker's. */
public record GroupValues(BrokerConfig broker, Map<String, String> own) {
    /** A value as it is written. */
    public String text(String name) {
        ConfigKey key = GroupKeys.GROUPS.find(name);
        String value = key == null ? null : GroupBounds.inForce(broker, key, own);
        if (value == null) {
            throw new IllegalArgumentException("no group key " + name);
        }
        return value;
    }

    public boolean flag(String name) {
        return Boolean.parseBoolean(text(name));
    }

    public int integer(String name) {
        return Integer.parseInt(text(name));
    }

    public long number(String name) {
        return Long.parseLong(text(name));
    }

    public double real(String name) {
        return Double.parseDouble(text(name));
    }
}
