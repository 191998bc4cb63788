package io.millrace.broker.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A broker's settings, checked. Immutable. */
public final class BrokerConfig {
    private final Map<String, String> set;

    private BrokerConfig(Map<String, String> set) {
        this.set = Collections.unmodifiableMap(new TreeMap<>(set));
    }

    /**
     * Takes values that differ from the defaults.
     *
     * @throws ConfigException if a key is unknown, a value illegal, or values do not go together
     */
    public static BrokerConfig of(Map<String, String> values) {
        values.forEach(BrokerConfig::check);
        var config = new BrokerConfig(Listeners.resolve(values));
        String conflict = GroupBounds.brokerConflict(config);
        if (conflict != null) {
            throw new ConfigException(conflict);
        }
        requireOneFolder(config.text(BrokerKeys.DATA_DIR));
        return config;
    }

    /** Kafka takes several; no name at all would be wherever the process was started. */
    private static void requireOneFolder(String value) {
        if (value.isBlank() || value.contains(",")) {
            throw new ConfigException(
                    "Invalid value '%s' for configuration %s: it must be one folder"
                            .formatted(value, BrokerKeys.DATA_DIR));
        }
    }

    private static void check(String name, String value) {
        ConfigKey key = BrokerKeys.TABLE.find(name);
        if (key == null) {
            throw new ConfigException(Nearest.unknown(name, BrokerKeys.TABLE));
        }
        String problem = key.problem(value);
        if (problem != null) {
            throw new ConfigException(problem);
        }
    }

    /** The same with some values set anew: those changed while the broker runs. */
    public BrokerConfig with(Map<String, String> changes) {
        var merged = new TreeMap<>(set);
        merged.putAll(changes);
        return new BrokerConfig(merged);
    }

    /** Whether a value was given, by whatever source. */
    public boolean isSet(String name) {
        return set.containsKey(name);
    }

    /** A value; null if the key has no default and was not set. */
    public @Nullable String find(String name) {
        String value = set.get(name);
        if (value != null) {
            return value;
        }
        ConfigKey key = BrokerKeys.TABLE.find(name);
        if (key == null) {
            throw new IllegalArgumentException("no configuration key " + name);
        }
        return key.defaultValue();
    }

    public String text(String name) {
        String value = find(name);
        if (value == null) {
            throw new IllegalArgumentException("no value of " + name);
        }
        return value;
    }

    public int integer(String name) {
        return Integer.parseInt(text(name).strip());
    }

    public long number(String name) {
        return Long.parseLong(text(name).strip());
    }

    public boolean flag(String name) {
        return Boolean.parseBoolean(text(name));
    }

    public Path dataFolder() {
        return Path.of(text(BrokerKeys.DATA_DIR)).toAbsolutePath().normalize();
    }
}
