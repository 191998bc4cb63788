package io.millrace.broker.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys by name, in the order in which they are shown. Some are hidden, as Kafka's internal ones
 * are: they may be set, and are shown where they are. Immutable.
 */
public final class KeyTable {
    private final Map<String, ConfigKey> shown;
    private final Map<String, ConfigKey> hidden;

    KeyTable(List<ConfigKey> keys) {
        this(keys, List.of(), List.of());
    }

    /**
     * @param more shown too, unless {@code keys} has one of that name
     * @param unseen hidden
     */
    KeyTable(List<ConfigKey> keys, List<ConfigKey> more, List<ConfigKey> unseen) {
        Map<String, ConfigKey> all = byName(keys);
        more.forEach(key -> all.putIfAbsent(key.name(), key));
        Map<String, ConfigKey> rest = byName(unseen);
        rest.keySet().removeAll(all.keySet());
        shown = Collections.unmodifiableMap(all);
        hidden = Collections.unmodifiableMap(rest);
    }

    private static Map<String, ConfigKey> byName(List<ConfigKey> keys) {
        var byName = new LinkedHashMap<String, ConfigKey>();
        keys.forEach(key -> byName.put(key.name(), key));
        return byName;
    }

    /** Every key but the hidden ones. */
    public Collection<ConfigKey> all() {
        return shown.values();
    }

    /** Every key, of the hidden ones those among {@code set}. */
    public Collection<ConfigKey> shownWhere(Collection<String> set) {
        var keys = new ArrayList<>(shown.values());
        hidden.values().stream().filter(key -> set.contains(key.name())).forEach(keys::add);
        return keys;
    }

    /** Whether it is a key that is not shown until it is set. */
    public boolean isHidden(String name) {
        return hidden.containsKey(name);
    }

    /** The key of that name; null if there is none. */
    public @Nullable ConfigKey find(String name) {
        ConfigKey key = shown.get(name);
        return key == null ? hidden.get(name) : key;
    }

    /** What is wrong with setting a key to a value; null if nothing is. */
    public @Nullable String problem(String name, String value) {
        ConfigKey key = find(name);
        return key == null ? "Unknown topic config name: " + name : key.problem(value);
    }
}
