package io.millrace.broker.handler.share;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.handler.share.ShareRequests.Acknowledgements;
import io.millrace.broker.handler.share.ShareSession.Key;
import io.millrace.broker.handler.share.ShareSession.Target;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.wire.Request;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ShareAcknowledgeRequest;
import org.apache.kafka.common.requests.ShareAcknowledgeResponse;

/**
 * ShareAcknowledge: lets records go, in a share session that a share fetch has opened (KIP-932).
 */
public final class ShareAcknowledgeHandler implements ApiHandler {
    private final QueueRouter queues;
    private final PartitionDirectory directory;
    private final LoopSessions sessions;

    public ShareAcknowledgeHandler(
            QueueRouter queues, PartitionDirectory directory, LoopSessions sessions) {
        this.queues = queues;
        this.directory = directory;
        this.sessions = sessions;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.SHARE_ACKNOWLEDGE;
    }

    @Override
    public void handle(Request request) {
        ShareAcknowledgeRequestData asked = request.body(ShareAcknowledgeRequest.class).data();
        Errors problem = ShareRequests.problem(asked.groupId(), asked.memberId());
        if (problem == Errors.NONE && asked.shareSessionEpoch() == ShareSession.INITIAL_EPOCH) {
            problem = Errors.INVALID_SHARE_SESSION_EPOCH;
        }
        if (problem != Errors.NONE) {
            request.answer(failed(problem));
            return;
        }
        var found =
                sessions.current()
                        .find(
                                new Key(asked.groupId(), asked.memberId()),
                                asked.shareSessionEpoch(),
                                request.client(),
                                request.receivedMs());
        ShareSession session = found.session();
        if (session == null) {
            request.answer(failed(found.error()));
        } else {
            serve(request, session, asked);
        }
    }

    private void serve(Request request, ShareSession session, ShareAcknowledgeRequestData asked) {
        var parts = new ArrayList<SharePart>();
        for (var topic : asked.topics()) {
            for (var partition : topic.partitions()) {
                var target = new Target(topic.topicId(), partition.partitionIndex());
                parts.add(
                        part(
                                session,
                                target,
                                ShareRequests.acks(partition.acknowledgementBatches())));
            }
        }
        var outcomes = new LinkedHashMap<TopicIdPartition, PartitionData>();
        ShareRequests.acknowledge(
                queues,
                new Acknowledgements(session.key().member(), parts, asked.isRenewAck()),
                sessions.loop(),
                (part, error) -> {
                    Target target = part.target();
                    outcomes.put(
                            new TopicIdPartition(target.topicId(), target.index(), ""),
                            ShareAcknowledgeResponse.partitionResponse(target.index(), error));
                },
                () -> {
                    if (asked.shareSessionEpoch() == ShareSession.FINAL_EPOCH) {
                        sessions.release(session);
                    }
                    ShareAcknowledgeResponse response =
                            ShareAcknowledgeResponse.of(Errors.NONE, 0, outcomes, List.of(), 0);
                    response.data().setAcquisitionLockTimeoutMs(lockMs(session));
                    request.answer(response);
                });
    }

    private SharePart part(
            ShareSession session,
            Target target,
            List<io.millrace.broker.queue.model.AckBatch> acks) {
        return SharePart.of(directory, session.key().group(), target, acks);
    }

    private int lockMs(ShareSession session) {
        var key = new QueueKey(session.key().group(), new UUID(0, 0), 0);
        return queues.settings(key).locks().durationMs();
    }

    private static ShareAcknowledgeResponse failed(Errors error) {
        return new ShareAcknowledgeResponse(
                new ShareAcknowledgeResponseData().setErrorCode(error.code()));
    }
}
