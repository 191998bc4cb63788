package io.millrace.broker.handler.config;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.handler.Repeats;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.metadata.ConfigResource;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;

/** AlterConfigs: replaces all that is set for a resource. */
public final class AlterConfigsHandler implements ApiHandler {
    private final Resources resources;
    private final MetadataService metadata;

    public AlterConfigsHandler(MetadataService metadata, int nodeId, BrokerConfig config) {
        this.metadata = metadata;
        this.resources = new Resources(metadata, nodeId, config);
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ALTER_CONFIGS;
    }

    @Override
    public void handle(Request request) {
        AlterConfigsRequestData asked = request.body(AlterConfigsRequest.class).data();
        var data = new AlterConfigsResponseData();
        var commands = new ArrayList<Command>();
        Set<String> repeated = Repeats.among(asked.resources(), AlterConfigsHandler::name);
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
            request.answer(new AlterConfigsResponse(data));
            return;
        }
        MetadataErrors.whenDone(
                metadata.submit(commands),
                request,
                outcome -> request.answer(new AlterConfigsResponse(data)));
    }

    private static String name(AlterConfigsResource resource) {
        return resource.resourceType() + "/" + resource.resourceName();
    }

    private Command command(AlterConfigsResource wanted) {
        ConfigResource resource = resources.resolve(wanted.resourceType(), wanted.resourceName());
        var changes = new ConfigChanges(resources, resource);
        var named = new TreeMap<String, String>();
        wanted.configs()
                .forEach(config -> {
                    changes.set(config.name(), config.value());
                    named.put(config.name(), config.value());
                });
        changes.removeAllBut(named);
        return changes.command();
    }
}
