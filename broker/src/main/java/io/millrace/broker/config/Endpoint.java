package io.millrace.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of {@code listeners} or {@code advertised.listeners}.
 *
 * @param name of the listener
 * @param port 0 takes a free one
 */
public record Endpoint(String name, String host, int port) {
    private static final Pattern WRITTEN =
            Pattern.compile("(\\w+)://([^:/,\\[\\]]*|\\[[^]]+]):(\\d{1,5})");
    static final int LARGEST_PORT = 65_535;

    /**
     * Reads {@code NAME://HOST:PORT,NAME://HOST:PORT}; no host is every address.
     *
     * @param key whose value it is
     * @throws ConfigException if it is written otherwise
     */
    static List<Endpoint> parse(String key, String value) {
        var endpoints = new ArrayList<Endpoint>();
        for (String item : ConfigKey.items(value)) {
            Matcher matcher = WRITTEN.matcher(item);
            if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > LARGEST_PORT) {
                throw new ConfigException(
                        "Invalid value %s for configuration %s: it must be NAME://HOST:PORT, and the port at most 65535"
                                .formatted(item, key));
            }
            String host = matcher.group(2).replaceAll("[\\[\\]]", "");
            endpoints.add(
                    new Endpoint(
                            matcher.group(1),
                            host.isEmpty() ? "0.0.0.0" : host,
                            Integer.parseInt(matcher.group(3))));
        }
        return endpoints;
    }
}
