package io.millrace.broker.handler.share;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.share.ShareRequests.Acknowledgements;
import io.millrace.broker.handler.share.ShareSession.Key;
import io.millrace.broker.handler.share.ShareSession.Target;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.queue.model.AckBatch;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.wire.Request;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ShareFetchRequest;
import org.apache.kafka.common.requests.ShareFetchResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ShareFetch: acknowledges, acquires and delivers, in a share session (KIP-932). */
public final class ShareFetchHandler implements ApiHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ShareFetchHandler.class);
    private static final byte RECORD_LIMIT = 1;

    private final QueueAccess access;
    private final PartitionDirectory directory;
    private final LoopSessions sessions;
    private final Topics topics;
    private final int mostBytes;

    /**
     * @param mostBytes bytes of one answer, but for its first batch
     */
    public ShareFetchHandler(
            QueueAccess access,
            PartitionDirectory directory,
            LoopSessions sessions,
            Topics topics,
            int mostBytes) {
        this.access = access;
        this.directory = directory;
        this.sessions = sessions;
        this.topics = topics;
        this.mostBytes = mostBytes;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.SHARE_FETCH;
    }

    @Override
    public void handle(Request request) {
        ShareFetchRequestData asked = request.body(ShareFetchRequest.class).data();
        Errors problem = ShareRequests.problem(asked.groupId(), asked.memberId());
        var named = named(asked);
        boolean initial = asked.shareSessionEpoch() == ShareSession.INITIAL_EPOCH;
        if (initial && named.values().stream().anyMatch(acks -> !acks.isEmpty())) {
            problem = Errors.INVALID_REQUEST;
        }
        if (problem != Errors.NONE) {
            request.answer(failed(problem));
            return;
        }
        var key = new Key(asked.groupId(), asked.memberId());
        var found =
                initial
                        ? sessions.current().open(key, request.client(), request.receivedMs())
                        : sessions.current()
                                .find(
                                        key,
                                        asked.shareSessionEpoch(),
                                        request.client(),
                                        request.receivedMs());
        ShareSession session = found.session();
        if (session == null) {
            request.answer(failed(found.error()));
            return;
        }
        Errors refused = Errors.NONE;
        if (asked.shareSessionEpoch() == ShareSession.FINAL_EPOCH) {
            session.update(named.keySet(), forgotten(asked));
        } else {
            refused = sessions.current().update(session, named.keySet(), forgotten(asked));
        }
        if (refused == Errors.NONE) {
            begin(request, session, named);
        } else {
            request.answer(failed(refused));
        }
    }

    private void begin(Request request, ShareSession session, Map<Target, List<AckBatch>> named) {
        OwnerLoop home = sessions.loop();
        // What a session keeps has to be there before the first record is handed out.
        var _ =
                topics.ensureShareStateTopic()
                        .whenComplete((outcome, failure) ->
                                home.run(() -> serve(request, session, named)))
                        .exceptionally(failure -> {
                            LOG.error("A share fetch failed here: please report it", failure);
                            request.fail(failure);
                            return null;
                        });
    }

    private static Map<Target, List<AckBatch>> named(ShareFetchRequestData asked) {
        var named = new LinkedHashMap<Target, List<AckBatch>>();
        for (var topic : asked.topics()) {
            for (var partition : topic.partitions()) {
                named.put(
                        new Target(topic.topicId(), partition.partitionIndex()),
                        ShareRequests.fetchAcks(partition.acknowledgementBatches()));
            }
        }
        return named;
    }

    private static List<Target> forgotten(ShareFetchRequestData asked) {
        var forgotten = new ArrayList<Target>();
        for (var topic : asked.forgottenTopicsData()) {
            topic.partitions().forEach(index -> forgotten.add(new Target(topic.topicId(), index)));
        }
        return forgotten;
    }

    private SharePart part(ShareSession session, Target target, List<AckBatch> acks) {
        return SharePart.of(directory, session.key().group(), target, acks);
    }

    private void serve(Request request, ShareSession session, Map<Target, List<AckBatch>> named) {
        ShareFetchRequestData asked = request.body(ShareFetchRequest.class).data();
        OwnerLoop home = sessions.loop();
        var acks = new ArrayList<SharePart>();
        named.forEach((target, batches) -> acks.add(part(session, target, batches)));
        boolean ends = asked.shareSessionEpoch() == ShareSession.FINAL_EPOCH;
        boolean fetches = !ends && !asked.isRenewAck() && asked.maxRecords() > 0;
        long fetch = fetches ? session.begin() : 0;
        var answer = new ShareFetchAnswer(request, lockMs(session), () -> session.answered(fetch));
        answer.expect(fetches ? 2 : 1);
        ShareRequests.acknowledge(
                access.queues(),
                new Acknowledgements(session.key().member(), acks, asked.isRenewAck()),
                home,
                answer::acknowledged,
                () -> {
                    if (ends) {
                        sessions.release(session);
                    }
                    answer.partDone();
                });
        if (fetches) {
            fetch(request, session, fetch, home, answer);
        }
    }

    private int lockMs(ShareSession session) {
        var key = new QueueKey(session.key().group(), new UUID(0, 0), 0);
        return access.queues().settings(key).locks().durationMs();
    }

    private void fetch(
            Request request,
            ShareSession session,
            long fetch,
            OwnerLoop home,
            ShareFetchAnswer answer) {
        ShareFetchRequestData asked = request.body(ShareFetchRequest.class).data();
        var items = new ArrayList<ShareFetchItem>();
        for (Target target : session.rotated()) {
            items.add(new ShareFetchItem(part(session, target, List.of())));
        }
        var wants =
                new ShareFetchWants(
                        asked.maxRecords(),
                        Math.min(mostBytes, Math.max(1, asked.maxBytes())),
                        asked.maxWaitMs(),
                        asked.shareAcquireMode() == RECORD_LIMIT,
                        asked.batchSize());
        new ShareFetchOperation(
                        request,
                        session,
                        wants,
                        items,
                        access,
                        new ShareFetchOperation.Home(
                                home,
                                fetch,
                                fetched -> {
                                    if (fetched.isEmpty() && !items.isEmpty()) {
                                        answer.abandon();
                                    } else {
                                        answer.fetched(fetched);
                                    }
                                }))
                .start();
    }

    private static ShareFetchResponse failed(Errors error) {
        return ShareFetchResponse.of(error, 0, new LinkedHashMap<>(), List.of(), 0);
    }
}
