package io.millrace.broker.handler.config;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.GroupBounds;
import io.millrace.broker.config.QueueKeys;
import io.millrace.broker.config.TopicConfigs;
import io.millrace.broker.config.TopicKeys;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.Repeats;
import io.millrace.broker.handler.queue.QueueStatus;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;

/** DescribeConfigs: every key of a resource, its value in force and where that comes from. */
public final class DescribeConfigsHandler implements ApiHandler {
    private final Resources resources;
    private final BrokerConfig config;
    private final QueueStatus queues;

    /**
     * @param queues what groups' queues look like, which is told as one of their settings
     */
    public DescribeConfigsHandler(
            MetadataService metadata, int nodeId, BrokerConfig config, QueueStatus queues) {
        this.resources = new Resources(metadata, nodeId, config);
        this.config = config;
        this.queues = queues;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_CONFIGS;
    }

    @Override
    public void handle(Request request) {
        DescribeConfigsRequestData asked = request.body(DescribeConfigsRequest.class).data();
        var data = new DescribeConfigsResponseData();
        var repeats = new Repeats();
        for (var wanted : asked.resources()) {
            var result =
                    new DescribeConfigsResult()
                            .setResourceType(wanted.resourceType())
                            .setResourceName(wanted.resourceName());
            data.results().add(result);
            try {
                if (repeats.isRepeated(wanted.resourceType() + "/" + wanted.resourceName())) {
                    throw new InvalidRequestException(
                            "The resource was named before in this request");
                }
                result.setConfigs(describe(wanted, asked));
            } catch (ApiException e) {
                result.setErrorCode(Errors.forException(e).code()).setErrorMessage(e.getMessage());
            }
        }
        addStatus(asked, data, () -> request.answer(new DescribeConfigsResponse(data)));
    }

    /** Adds to every group that was asked for what its queues look like. */
    private void addStatus(
            DescribeConfigsRequestData asked, DescribeConfigsResponseData data, Runnable then) {
        var groups = new ArrayList<DescribeConfigsResult>();
        for (int i = 0; i < asked.resources().size(); i++) {
            DescribeConfigsResult result = data.results().get(i);
            List<String> names = asked.resources().get(i).configurationKeys();
            boolean wanted = names == null || names.isEmpty() || names.contains(QueueKeys.STATUS);
            boolean isGroup = result.resourceType() == Type.GROUP.id();
            if (wanted && isGroup && result.errorCode() == Errors.NONE.code()) {
                groups.add(result);
            }
        }
        var open = new AtomicInteger(groups.size());
        if (groups.isEmpty()) {
            then.run();
        }
        for (DescribeConfigsResult group : groups) {
            queues.of(
                    group.resourceName(),
                    json -> {
                        addStatus(group, json);
                        if (open.decrementAndGet() == 0) {
                            then.run();
                        }
                    });
        }
    }

    private static void addStatus(DescribeConfigsResult group, String json) {
        if (!json.equals(QueueStatus.NOTHING)) {
            var configs = new ArrayList<>(group.configs());
            configs.add(
                    new DescribeConfigsResourceResult()
                            .setName(QueueKeys.STATUS)
                            .setValue(json)
                            .setConfigSource(ConfigSource.GROUP_CONFIG.id())
                            .setConfigType(ConfigKey.Type.STRING.id())
                            .setReadOnly(true));
            group.setConfigs(configs);
        }
    }

    private List<DescribeConfigsResourceResult> describe(
            DescribeConfigsRequestData.DescribeConfigsResource wanted,
            DescribeConfigsRequestData asked) {
        if (wanted.resourceType() == Resources.BROKER_LOGGER) {
            return List.of();
        }
        ConfigResource resource = resources.resolve(wanted.resourceType(), wanted.resourceName());
        Map<String, String> own = resources.values(resource);
        List<String> names = wanted.configurationKeys();
        var results = new ArrayList<DescribeConfigsResourceResult>();
        for (ConfigKey key : Resources.keys(resource.type()).shownWhere(own.keySet())) {
            boolean all = names == null || names.isEmpty();
            if (all || names.contains(key.name())) {
                results.add(describe(resource, key, own, asked));
            }
        }
        return results;
    }

    private DescribeConfigsResourceResult describe(
            ConfigResource resource,
            ConfigKey key,
            Map<String, String> own,
            DescribeConfigsRequestData asked) {
        List<DescribeConfigsSynonym> synonyms = synonyms(resource, key, own);
        var inForce = synonyms.isEmpty() ? null : synonyms.getFirst();
        var result =
                new DescribeConfigsResourceResult()
                        .setName(key.name())
                        .setValue(inForce == null ? null : inForce.value())
                        .setConfigSource(
                                inForce == null
                                        ? ConfigSource.DEFAULT_CONFIG.id()
                                        : inForce.source())
                        .setConfigType(key.type().id())
                        .setReadOnly(isReadOnly(resource.type(), key));
        if (asked.includeSynonyms()) {
            result.setSynonyms(synonyms);
        }
        result.setDocumentation(asked.includeDocumentation() ? key.doc() : null);
        return result;
    }

    private static boolean isReadOnly(Type type, ConfigKey key) {
        return type == Type.BROKER && !DynamicKeys.isDynamic(key.name());
    }

    /** Where a value may come from, the one in force first. */
    private List<DescribeConfigsSynonym> synonyms(
            ConfigResource resource, ConfigKey key, Map<String, String> own) {
        var synonyms = new ArrayList<DescribeConfigsSynonym>();
        String name = key.name();
        if (own.containsKey(name)) {
            add(synonyms, name, own.get(name), ownSource(resource));
        }
        if (Resources.keys(resource.type()).isHidden(name)) {
            return synonyms;
        }
        if (resource.type() == Type.TOPIC) {
            addBroker(synonyms, TopicKeys.synonym(name));
            String fallback = TopicConfigs.brokerDefault(config, name);
            boolean plain = Objects.equals(fallback, key.defaultValue());
            add(
                    synonyms,
                    TopicKeys.synonym(name),
                    fallback,
                    plain ? ConfigSource.DEFAULT_CONFIG : ConfigSource.STATIC_BROKER_CONFIG);
        } else if (resource.type() == Type.BROKER) {
            if (!resource.name().isEmpty()) {
                addBroker(synonyms, name);
                if (config.isSet(name)) {
                    add(synonyms, name, config.find(name), ConfigSource.STATIC_BROKER_CONFIG);
                }
                add(synonyms, name, key.defaultValue(), ConfigSource.DEFAULT_CONFIG);
            }
        } else {
            addGroupsDefault(synonyms, key);
        }
        return synonyms;
    }

    private void addGroupsDefault(List<DescribeConfigsSynonym> synonyms, ConfigKey key) {
        String brokers = GroupBounds.synonym(key.name());
        if (brokers != null && config.isSet(brokers)) {
            add(synonyms, brokers, config.find(brokers), ConfigSource.STATIC_BROKER_CONFIG);
        }
        String name = brokers == null ? key.name() : brokers;
        add(synonyms, name, key.defaultValue(), ConfigSource.DEFAULT_CONFIG);
    }

    private void addBroker(List<DescribeConfigsSynonym> synonyms, String name) {
        var everywhere = resources.values(new ConfigResource(Type.BROKER, ""));
        if (everywhere.containsKey(name)) {
            add(synonyms, name, everywhere.get(name), ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG);
        }
    }

    private static ConfigSource ownSource(ConfigResource resource) {
        return switch (resource.type()) {
            case TOPIC -> ConfigSource.TOPIC_CONFIG;
            case BROKER ->
                    resource.name().isEmpty()
                            ? ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
                            : ConfigSource.DYNAMIC_BROKER_CONFIG;
            case GROUP -> ConfigSource.GROUP_CONFIG;
            case CLIENT_METRICS -> ConfigSource.CLIENT_METRICS_CONFIG;
        };
    }

    private static void add(
            List<DescribeConfigsSynonym> synonyms,
            String name,
            @org.jspecify.annotations.Nullable String value,
            ConfigSource source) {
        synonyms.add(
                new DescribeConfigsSynonym().setName(name).setValue(value).setSource(source.id()));
    }
}
