package io.millrace.broker.handler.config;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.GroupBounds;
import io.millrace.broker.config.GroupKeys;
import io.millrace.broker.config.KeyTable;
import io.millrace.broker.config.QueueKeys;
import io.millrace.broker.config.TopicKeys;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.TopicNames;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * What may be configured: its keys, the values set, and whether there is such a thing.
 *
 * @param nodeId the broker whose own settings are meant; {@link #ANY_NODE} for those of all
 */
record Resources(MetadataService metadata, int nodeId, BrokerConfig config) {
    /** In place of a broker: a controller takes settings of all that are registered. */
    static final int ANY_NODE = -1;

    /** Kafka's number of the resources whose keys are logger names. */
    static final byte BROKER_LOGGER = 8;

    /**
     * The resource that a request names.
     *
     * @throws InvalidTopicException if a topic cannot have that name
     * @throws InvalidRequestException if there is no such kind, or no such broker
     * @throws BrokerIdNotRegisteredException if a controller is asked, and there is no such broker
     * @throws UnknownTopicOrPartitionException if there is no such topic
     */
    ConfigResource resolve(byte type, String name) {
        ConfigResource resource;
        try {
            resource = new ConfigResource(Type.ofId(type), name);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException("Unsupported resource type: " + type, e);
        }
        if (resource.type() == Type.TOPIC && TopicNames.problem(name) != null) {
            throw new InvalidTopicException(TopicNames.problem(name));
        }
        if (resource.type() != Type.BROKER && name.isEmpty()) {
            throw new InvalidRequestException("The name of the resource must not be empty");
        }
        if (resource.type() == Type.TOPIC && metadata.image().topic(name) == null) {
            throw new UnknownTopicOrPartitionException(
                    "The topic '%s' does not exist.".formatted(name));
        }
        if (resource.type() == Type.BROKER && !name.isEmpty()) {
            requireBroker(name);
        }
        return resource;
    }

    private void requireBroker(String name) {
        if (nodeId == ANY_NODE) {
            Set<Integer> all = metadata.image().nodes().keySet();
            if (all.stream().map(String::valueOf).noneMatch(name::equals)) {
                throw new BrokerIdNotRegisteredException(
                        "No node with id %s found.".formatted(name));
            }
        } else if (!name.equals(Integer.toString(nodeId))) {
            throw new InvalidRequestException(
                    "Unexpected broker id, expected %d or empty string, but received %s"
                            .formatted(nodeId, name));
        }
    }

    /** The keys that a resource may have. */
    static KeyTable keys(Type type) {
        return switch (type) {
            case TOPIC -> TopicKeys.TABLE;
            case BROKER -> BrokerKeys.TABLE;
            case GROUP -> GroupKeys.GROUPS;
            case CLIENT_METRICS -> GroupKeys.CLIENT_METRICS;
        };
    }

    /** What is wrong with a value; null if nothing is. */
    @Nullable String problem(Type type, String key, String value) {
        ConfigKey known = keys(type).find(key);
        String problem = type == Type.GROUP ? QueueKeys.problem(key, value) : null;
        if (problem != null) {
            return problem;
        }
        if (known == null) {
            return "Unknown config name: " + key;
        }
        String illegal = known.problem(value);
        return illegal == null && type == Type.GROUP
                ? GroupBounds.problem(config, key, value)
                : illegal;
    }

    /** What is wrong with values together; null if nothing is. */
    @Nullable String conflict(Type type, Map<String, String> values) {
        return switch (type) {
            case TOPIC -> TopicKeys.conflict(values);
            case GROUP -> GroupBounds.conflict(config, values);
            case BROKER, CLIENT_METRICS -> null;
        };
    }

    Map<String, String> values(ConfigResource resource) {
        return metadata.image().config(resource);
    }
}
