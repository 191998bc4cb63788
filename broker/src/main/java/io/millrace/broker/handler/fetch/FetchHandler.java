package io.millrace.broker.handler.fetch;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.fetch.FetchPartition.Key;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.wire.Request;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;

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
            sessions.put(loop, new FetchSessions(slots, limits.sessionEvictionMs()));
        }
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.FETCH;
    }

    @Override
    public void handle(Request request) {
        FetchRequest body = request.body(FetchRequest.class);
        FetchMetadata metadata = body.metadata();
        OwnerLoop loop = loops.current();
        FetchSessions cache = Objects.requireNonNull(sessions.get(loop));
        if (metadata.isFull()) {
            cache.close(metadata.sessionId());
            var wanted = named(body.data());
            @Nullable FetchSession opened = null;
            if (metadata.epoch() != FetchMetadata.FINAL_EPOCH && !wanted.isEmpty()) {
                opened = cache.open(usesTopicIds(request), wanted, request.receivedMs());
            }
            start(request, loop, new FetchPlan(wanted, opened, true));
        } else {
            incremental(request, loop, cache, metadata);
        }
    }

    private void incremental(
            Request request, OwnerLoop loop, FetchSessions cache, FetchMetadata metadata) {
        var found = cache.find(metadata, usesTopicIds(request));
        FetchSession session = found.session();
        if (session == null) {
            request.answer(sessionError(found.error()));
            return;
        }
        session.update(request.body(FetchRequest.class).data(), request.receivedMs());
        if (session.isEmpty()) {
            cache.close(session.id());
            start(request, loop, new FetchPlan(List.of(), null, true));
        } else {
            start(request, loop, new FetchPlan(session.partitions(), session, false));
        }
    }

    private void start(Request request, OwnerLoop loop, FetchPlan plan) {
        new FetchOperation(request, plan, loop, directory, rules).start();
    }

    private static boolean usesTopicIds(Request request) {
        return request.version() >= TOPIC_IDS_SINCE;
    }

    private static List<FetchPartition> named(FetchRequestData data) {
        var named = new LinkedHashMap<Key, FetchPartition>();
        for (var topic : data.topics()) {
            for (var wanted : topic.partitions()) {
                Key key = FetchSession.key(topic.topic(), topic.topicId(), wanted.partition());
                named.put(key, new FetchPartition(key, wanted));
            }
        }
        return List.copyOf(named.values());
    }

    private static FetchResponse sessionError(Errors error) {
        return FetchResponse.of(
                new FetchResponseData()
                        .setErrorCode(error.code())
                        .setSessionId(FetchMetadata.INVALID_SESSION_ID));
    }
}
