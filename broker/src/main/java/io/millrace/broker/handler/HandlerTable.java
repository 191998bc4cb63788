package io.millrace.broker.handler;

import io.millrace.broker.wire.Dispatcher;
import io.millrace.broker.wire.Request;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All handlers by API. Immutable, so any event loop may dispatch through it. */
public final class HandlerTable implements Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(HandlerTable.class);

    private final Map<ApiKeys, ApiHandler> handlers = new EnumMap<>(ApiKeys.class);

    /**
     * @throws IllegalArgumentException if two handlers serve the same API
     */
    public HandlerTable(List<ApiHandler> handlers) {
        for (ApiHandler handler : handlers) {
            if (this.handlers.put(handler.api(), handler) != null) {
                throw new IllegalArgumentException("two handlers of " + handler.api());
            }
        }
    }

    /** What is served, for ApiVersions. */
    public Collection<ApiHandler> all() {
        return List.copyOf(handlers.values());
    }

    @Override
    public boolean serves(ApiKeys api, short version) {
        @Nullable ApiHandler handler = handlers.get(api);
        return handler != null
                && version >= handler.oldestVersion()
                && version <= handler.newestVersion();
    }

    @Override
    public void dispatch(Request request) {
        ApiHandler handler = handlers.get(request.header().apiKey());
        if (handler == null) {
            throw new IllegalStateException("no handler of " + request.header().apiKey());
        }
        handle(handler, request);
    }

    /** Has a request handled; what the handler throws becomes its error answer. */
    static void handle(ApiHandler handler, Request request) {
        try {
            handler.handle(request);
        } catch (ApiException expected) {
            request.fail(expected);
        } catch (RuntimeException e) {
            LOG.error(
                    "{} from {} failed here: please report it",
                    request.header().apiKey(),
                    request.client().name(),
                    e);
            request.fail(new UnknownServerException("the broker failed; its log says why"));
        }
    }
}
