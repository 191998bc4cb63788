package io.millrace.broker.handler.queue;

import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.GroupKeys;
import java.util.Map;

/** The settings in force of one group, as text. */
public record GroupValues(Map<String, String> own) {
    /** A value as it is written. */
    public String text(String name) {
        String value = own.get(name);
        if (value != null) {
            return value.strip();
        }
        ConfigKey key = GroupKeys.GROUPS.find(name);
        String fallback = key == null ? null : key.defaultValue();
        if (fallback == null) {
            throw new IllegalArgumentException("no group key " + name);
        }
        return fallback;
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
