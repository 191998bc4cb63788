package io.millrace.broker.handler.config;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.TopicConfigs;
import io.millrace.broker.config.TopicKeys;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.handler.Repeats;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.metadata.ConfigResource;
import java.util.ArrayList;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;

/** IncrementalAlterConfigs: sets, deletes, appends to and subtracts from single keys (KIP-339). */
public final class IncrementalAlterConfigsHandler implements ApiHandler {
    private final Resources resources;
    private final MetadataService metadata;
    private final BrokerConfig config;

    public IncrementalAlterConfigsHandler(
            MetadataService metadata, int nodeId, BrokerConfig config) {
        this.metadata = metadata;
        this.config = config;
        this.resources = new Resources(metadata, nodeId, config);
    }

    /** At a controller's listener, where brokers other than this node may be set (KIP-919). */
    public static IncrementalAlterConfigsHandler ofController(
            MetadataService metadata, BrokerConfig config) {
        return new IncrementalAlterConfigsHandler(metadata, Resources.ANY_NODE, config);
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.INCREMENTAL_ALTER_CONFIGS;
    }

    @Override
    public void handle(Request request) {
        IncrementalAlterConfigsRequestData asked =
                request.body(IncrementalAlterConfigsRequest.class).data();
        var data = new IncrementalAlterConfigsResponseData();
        var commands = new ArrayList<Command>();
        Set<String> repeated =
                Repeats.among(asked.resources(), IncrementalAlterConfigsHandler::name);
        for (AlterConfigsResource wanted : asked.resources()) {
            var result =
                    new AlterConfigsResourceResponse()
                            .setResourceType(wanted.resourceType())
                            .setResourceName(wanted.resourceName())
                            .setErrorMessage(null);
            data.responses().add(result);
            try {
                if (repeated.contains(name(wanted))) {
                    throw new InvalidRequestException("Each resource must appear at most once.");
                }
                commands.add(command(wanted));
            } catch (ApiException e) {
                result.setErrorCode(Errors.forException(e).code()).setErrorMessage(e.getMessage());
            }
        }
        if (asked.validateOnly() || commands.isEmpty()) {
            request.answer(new IncrementalAlterConfigsResponse(data));
            return;
        }
        MetadataErrors.whenDone(
                metadata.submit(commands),
                request,
                outcome -> request.answer(new IncrementalAlterConfigsResponse(data)));
    }

    private static String name(AlterConfigsResource resource) {
        return resource.resourceType() + "/" + resource.resourceName();
    }

    private Command command(AlterConfigsResource wanted) {
        if (wanted.resourceType() == Resources.BROKER_LOGGER) {
            throw new InvalidRequestException(
                    "log levels are set at the start, in the logger's configuration");
        }
        ConfigResource resource = resources.resolve(wanted.resourceType(), wanted.resourceName());
        var changes = new ConfigChanges(resources, resource);
        for (AlterableConfig change : wanted.configs()) {
            changes.apply(
                    operation(change.configOperation()),
                    change.name(),
                    change.value(),
                    inForce(resource, change.name()));
        }
        return changes.command();
    }

    private static OpType operation(byte id) {
        OpType operation = id < 0 || id >= OpType.values().length ? null : OpType.forId(id);
        if (operation == null) {
            throw new InvalidRequestException("Unknown operation type " + id);
        }
        return operation;
    }

    private String inForce(ConfigResource resource, String key) {
        boolean topics =
                resource.type() == ConfigResource.Type.TOPIC
                        && TopicKeys.TABLE.find(key) != null
                        && !TopicKeys.TABLE.isHidden(key);
        if (topics) {
            return TopicConfigs.brokerDefault(config, key);
        }
        ConfigKey known = Resources.keys(resource.type()).find(key);
        String value = known == null ? null : known.defaultValue();
        return value == null ? "" : value;
    }
}
