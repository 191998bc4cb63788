package io.millrace.broker.handler.config;

import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.config.TopicKeys;
import java.util.Set;
import java.util.stream.Collectors;

/** The broker's keys that may change while it runs: defaults of topics, throttles. Stateless. */
final class DynamicKeys {
    private static final Set<String> NAMES =
            TopicKeys.TABLE.all().stream()
                    .map(key -> TopicKeys.synonym(key.name()))
                    .collect(Collectors.toUnmodifiableSet());

    private DynamicKeys() {}

    static boolean isDynamic(String name) {
        return (NAMES.contains(name) || BrokerKeys.dynamic().contains(name))
                && BrokerKeys.TABLE.find(name) != null;
    }
}
