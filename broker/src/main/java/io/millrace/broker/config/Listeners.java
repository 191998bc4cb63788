package io.millrace.broker.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's {@code listeners} and {@code advertised.listeners}: the one for clients as host and port,
 * and the controller's beside it. Stateless.
 */
final class Listeners {
    private static final String LISTENERS = "listeners";
    private static final String ADVERTISED = "advertised.listeners";
    private static final String PLAINTEXT = "PLAINTEXT";

    private Listeners() {}

    /** The values with the clients' listener taken apart. */
    static Map<String, String> resolve(Map<String, String> values) {
        var resolved = new TreeMap<>(values);
        split(resolved, LISTENERS, BrokerKeys.HOST, BrokerKeys.PORT);
        split(resolved, ADVERTISED, BrokerKeys.ADVERTISED_HOST, BrokerKeys.ADVERTISED_PORT);
        return resolved;
    }

    private static void split(
            Map<String, String> values, String key, String hostKey, String portKey) {
        String listeners = values.get(key);
        if (listeners == null || listeners.isBlank()) {
            return;
        }
        Predicate<Endpoint> ofControllers = ofControllers(values);
        List<Endpoint> all = Endpoint.parse(key, listeners);
        all.forEach(endpoint -> requirePlaintext(endpoint, values, key));
        List<Endpoint> clients = all.stream().filter(ofControllers.negate()).toList();
        boolean alone = isBlank(values.get(ClusterKeys.ROLES));
        if (clients.size() != 1 || alone && all.size() != 1) {
            throw new ConfigException(
                    "Invalid value %s for configuration %s: one PLAINTEXT://HOST:PORT is served, and beside it a controller's listener where %s is set"
                            .formatted(listeners, key, ClusterKeys.ROLES));
        }
        values.putIfAbsent(hostKey, clients.getFirst().host());
        values.putIfAbsent(portKey, Integer.toString(clients.getFirst().port()));
    }

    /** The controller's among the listeners; null if none is. */
    static @Nullable Endpoint ofController(BrokerConfig config) {
        return ofController(config, LISTENERS);
    }

    /** The same among those that others are told; null if none is. */
    static @Nullable Endpoint ofControllerAdvertised(BrokerConfig config) {
        return ofController(config, ADVERTISED);
    }

    private static @Nullable Endpoint ofController(BrokerConfig config, String key) {
        Predicate<Endpoint> ofControllers =
                ofControllers(
                        Map.of(
                                ClusterKeys.CONTROLLER_LISTENERS,
                                config.text(ClusterKeys.CONTROLLER_LISTENERS)));
        return Endpoint.parse(key, config.text(key)).stream()
                .filter(ofControllers)
                .findFirst()
                .orElse(null);
    }

    private static Predicate<Endpoint> ofControllers(Map<String, String> values) {
        List<String> names = ConfigKey.items(value(values, ClusterKeys.CONTROLLER_LISTENERS));
        return endpoint -> names.contains(endpoint.name());
    }

    /** A controller's listener that the map does not name is plain text, as in Kafka. */
    private static void requirePlaintext(
            Endpoint endpoint, Map<String, String> values, String key) {
        var protocols = new HashMap<String, String>();
        for (String item : ConfigKey.items(value(values, ClusterKeys.PROTOCOLS))) {
            int colon = item.indexOf(':');
            if (colon < 1) {
                throw new ConfigException(
                        "Invalid value %s for configuration %s: it must be NAME:PROTOCOL"
                                .formatted(item, ClusterKeys.PROTOCOLS));
            }
            protocols.put(item.substring(0, colon).strip(), item.substring(colon + 1).strip());
        }
        String otherwise = ofControllers(values).test(endpoint) ? PLAINTEXT : endpoint.name();
        String protocol = protocols.getOrDefault(endpoint.name(), otherwise);
        if (!protocol.equals(PLAINTEXT)) {
            throw new ConfigException(
                    "Invalid listener %s in configuration %s: its protocol is %s, and PLAINTEXT is what is served"
                            .formatted(endpoint.name(), key, protocol));
        }
    }

    private static String value(Map<String, String> values, String key) {
        String set = values.get(key);
        ConfigKey known = Objects.requireNonNull(BrokerKeys.TABLE.find(key), key);
        return set == null ? Objects.requireNonNullElse(known.defaultValue(), "") : set;
    }

    private static boolean isBlank(@Nullable String value) {
        return value == null || value.isBlank();
    }
}
