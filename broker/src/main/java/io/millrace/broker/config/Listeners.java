package io.millrace.broker.config;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kafka's {@code listeners} and {@code advertised.listeners} as host and port. Stateless. */
final class Listeners {
    private static final Pattern PLAINTEXT =
            Pattern.compile("PLAINTEXT://([^:/,]*|\\[[^]]+]):(\\d+)");

    private Listeners() {}

    /** The values with the listeners taken apart. */
    static Map<String, String> resolve(Map<String, String> values) {
        var resolved = new TreeMap<>(values);
        split(resolved, "listeners", BrokerKeys.HOST, BrokerKeys.PORT);
        split(
                resolved,
                "advertised.listeners",
                BrokerKeys.ADVERTISED_HOST,
                BrokerKeys.ADVERTISED_PORT);
        return resolved;
    }

    private static void split(
            Map<String, String> values, String key, String hostKey, String portKey) {
        String listener = values.get(key);
        if (listener == null || listener.isBlank()) {
            return;
        }
        Matcher matcher = PLAINTEXT.matcher(listener.strip());
        if (!matcher.matches()) {
            throw new ConfigException(
                    "Invalid value %s for configuration %s: one PLAINTEXT://HOST:PORT is served"
                            .formatted(listener, key));
        }
        String host = matcher.group(1);
        values.putIfAbsent(hostKey, host.isEmpty() ? "0.0.0.0" : host.replaceAll("[\\[\\]]", ""));
        values.putIfAbsent(portKey, matcher.group(2));
    }
}
