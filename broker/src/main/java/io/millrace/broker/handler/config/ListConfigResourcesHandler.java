package io.millrace.broker.handler.config;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.metadata.ClusterImage;
import java.util.List;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData.ConfigResource;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListConfigResourcesRequest;
import org.apache.kafka.common.requests.ListConfigResourcesResponse;

/** ListConfigResources: what there is to configure (KIP-1142). */
public final class ListConfigResourcesHandler implements ApiHandler {
    private final MetadataService metadata;

    public ListConfigResourcesHandler(MetadataService metadata) {
        this.metadata = metadata;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.LIST_CONFIG_RESOURCES;
    }

    @Override
    public void handle(Request request) {
        List<Byte> asked = request.body(ListConfigResourcesRequest.class).data().resourceTypes();
        List<Type> types;
        if (request.version() == 0) {
            types = List.of(Type.CLIENT_METRICS);
        } else if (asked.isEmpty()) {
            types =
                    List.of(
                            Type.TOPIC,
                            Type.BROKER,
                            Type.BROKER_LOGGER,
                            Type.CLIENT_METRICS,
                            Type.GROUP);
        } else {
            types = asked.stream().map(ListConfigResourcesHandler::typeOf).distinct().toList();
        }
        var data = new ListConfigResourcesResponseData();
        types.forEach(type -> add(data, type));
        request.answer(new ListConfigResourcesResponse(data));
    }

    private static Type typeOf(byte id) {
        Type type = Type.forId(id);
        if (type == Type.UNKNOWN) {
            throw new UnsupportedVersionException("unknown resource type " + id);
        }
        return type;
    }

    private void add(ListConfigResourcesResponseData data, Type type) {
        ClusterImage image = metadata.image();
        switch (type) {
            case TOPIC -> image.topics().forEach(topic -> add(data, type, topic.name()));
            case BROKER, BROKER_LOGGER ->
                    image.nodes().keySet().forEach(id -> add(data, type, Integer.toString(id)));
            case CLIENT_METRICS, GROUP ->
                    image.configs().keySet().stream()
                            .filter(resource -> resource.type().id() == type.id())
                            .forEach(resource -> add(data, type, resource.name()));
            default -> throw new UnsupportedVersionException("unsupported resource type " + type);
        }
    }

    private static void add(ListConfigResourcesResponseData data, Type type, String name) {
        data.configResources()
                .add(new ConfigResource().setResourceName(name).setResourceType(type.id()));
    }
}
