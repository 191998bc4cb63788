package io.millrace.broker.handler.fetch;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.wire.Request;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;

/** Fetch: finds or opens the session (KIP-227) and starts a {@link FetchOperation}. */
public final class FetchHandler implements ApiHandler {
    private static final short TOPIC_IDS_SINCE = 13;

    private final PartitionDirectory directory;
    private final Loops loops;
    private final FetchRules rules;
    private final Map<OwnerLoop, FetchSessions> sessions = new HashMap<>();

    public FetchHandler(PartitionDirectory directory, Loops loops, FetchRules rules) {
        this.directory = directory;
        this.loops = loops;
        this.rules = rules;
        FetchLimits limits = rules.limits();
        int slots = (limits.sessionSlots() + loops.all().size() - 1) / loops.all().size();
        for (OwnerLoop loop : loops.all()) {
            sessions.put(
                    loop,
                    new FetchSessions(slots, limits.sessionEvictionMs(), FetchHandler::randomId));
        }
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.FETCH;
    }

    @Override
    public void handle(Request request) {
        FetchRequest body = request.body(FetchRequest.class);
        OwnerLoop loop = loops.current();
        var kind =
                new FetchSession.Kind(body.replicaId() >= 0, request.version() >= TOPIC_IDS_SINCE);
        var planned =
                Objects.requireNonNull(sessions.get(loop))
                        .plan(body.data(), kind, request.receivedMs());
        FetchPlan plan = planned.plan();
        if (plan == null) {
            request.answer(sessionError(planned.error()));
        } else {
            new FetchOperation(request, plan, loop, directory, rules).start();
        }
    }

    private static int randomId() {
        return ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    }

    private static FetchResponse sessionError(Errors error) {
        return FetchResponse.of(
                new FetchResponseData()
                        .setErrorCode(error.code())
                        .setSessionId(FetchMetadata.INVALID_SESSION_ID));
    }
}
