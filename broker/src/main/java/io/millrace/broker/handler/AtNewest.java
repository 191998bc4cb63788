package io.millrace.broker.handler;

import io.millrace.broker.wire.Request;
import io.millrace.cluster.ControllerClient;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * What administrators ask, judged by all that the active controller has decided: this node first
 * has its image catch up with it. Else a topic that another node has just acknowledged would be
 * unknown here, and what is set be changed from what it was. In Kafka the controller itself handles
 * these requests. They are handled on the metadata thread.
 *
 * @param handler judges by this node's image
 */
public record AtNewest(ApiHandler handler, ControllerClient controller) implements ApiHandler {
    /** Each of the handlers, so. */
    public static List<ApiHandler> all(ControllerClient controller, ApiHandler... handlers) {
        return Arrays.stream(handlers)
                .<ApiHandler>map(handler -> new AtNewest(handler, controller))
                .toList();
    }

    @Override
    public ApiKeys api() {
        return handler.api();
    }

    @Override
    public short oldestVersion() {
        return handler.oldestVersion();
    }

    @Override
    public short newestVersion() {
        return handler.newestVersion();
    }

    @Override
    public void handle(Request request) {
        MetadataErrors.whenDone(
                controller.submit(List.of()), request, _ -> HandlerTable.handle(handler, request));
    }
}
