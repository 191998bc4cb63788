package io.millrace.broker.config;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keys by name, in the order in which they are shown. Immutable. */
public final class KeyTable {
    private final Map<String, ConfigKey> keys;

    KeyTable(List<ConfigKey> keys) {
        var byName = new LinkedHashMap<String, ConfigKey>();
        keys.forEach(key -> byName.put(key.name(), key));
        this.keys = Collections.unmodifiableMap(byName);
    }

    public Collection<ConfigKey> all() {
        return keys.values();
    }

    /** The key of that name; null if there is none. */
    public @Nullable ConfigKey find(String name) {
        return keys.get(name);
    }

    /** What is wrong with setting a key to a value; null if nothing is. */
    public @Nullable String problem(String name, String value) {
        ConfigKey key = keys.get(name);
        return key == null ? "Unknown topic config name: " + name : key.problem(value);
    }
}
