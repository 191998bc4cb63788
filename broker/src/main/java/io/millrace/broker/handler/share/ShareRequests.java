package io.millrace.broker.handler.share;

import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.handler.queue.QueueErrors;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.model.AckBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.protocol.Errors;

/** What share fetches and share acknowledgements have in common. Stateless. */
final class ShareRequests {
    private static final int LONGEST_MEMBER_ID = 36;

    /** Sessions keep it, so it is bounded. */
    private static final int LONGEST_GROUP_ID = 1000;

    private ShareRequests() {}

    /** What is wrong with who asks; NONE if nothing is. */
    static Errors problem(String group, String member) {
        if (group == null || group.isEmpty() || group.length() > LONGEST_GROUP_ID) {
            return Errors.INVALID_GROUP_ID;
        }
        boolean named = member != null && !member.isEmpty() && member.length() <= LONGEST_MEMBER_ID;
        return named ? Errors.NONE : Errors.INVALID_REQUEST;
    }

    static List<AckBatch> fetchAcks(List<ShareFetchRequestData.AcknowledgementBatch> batches) {
        var acks = new ArrayList<AckBatch>(batches.size());
        batches.forEach(batch ->
                acks.add(
                        new AckBatch(
                                batch.firstOffset(),
                                batch.lastOffset(),
                                batch.acknowledgeTypes())));
        return acks;
    }

    static List<AckBatch> acks(List<ShareAcknowledgeRequestData.AcknowledgementBatch> batches) {
        var acks = new ArrayList<AckBatch>(batches.size());
        batches.forEach(batch ->
                acks.add(
                        new AckBatch(
                                batch.firstOffset(),
                                batch.lastOffset(),
                                batch.acknowledgeTypes())));
        return acks;
    }

    /**
     * Sends acknowledgements to their shards.
     *
     * @param outcome told of each part that has any, on {@code home}
     * @param then runs there when all have been told of; at once if there are none
     */
    static void acknowledge(
            QueueRouter queues,
            Acknowledgements all,
            OwnerLoop home,
            BiConsumer<SharePart, Errors> outcome,
            Runnable then) {
        List<SharePart> named = all.parts().stream().filter(p -> !p.acks().isEmpty()).toList();
        var open = new AtomicInteger(named.size());
        if (named.isEmpty()) {
            then.run();
        }
        for (SharePart part : named) {
            Errors refused = refusal(part, all.mayRenew());
            if (refused != Errors.NONE) {
                outcome.accept(part, refused);
                if (open.decrementAndGet() == 0) {
                    then.run();
                }
                continue;
            }
            queues.handle(
                    new QueueRequest.Acknowledge(part.key(), all.member(), part.acks()),
                    reply ->
                            home.execute(() -> {
                                outcome.accept(part, QueueErrors.of(reply.error()));
                                if (open.decrementAndGet() == 0) {
                                    then.run();
                                }
                            }));
        }
    }

    /**
     * What a request acknowledges.
     *
     * @param mayRenew whether it has said that it renews
     */
    record Acknowledgements(String member, List<SharePart> parts, boolean mayRenew) {}

    private static Errors refusal(SharePart part, boolean mayRenew) {
        if (part.missing() != Errors.NONE) {
            return part.missing();
        }
        return part.renews() && !mayRenew ? Errors.INVALID_REQUEST : Errors.NONE;
    }

    /** Lets go of all that a member holds of some partitions, since it has gone. */
    static void release(QueueRouter queues, ShareSession session, List<SharePart> parts) {
        parts.stream()
                .filter(part -> part.missing() == Errors.NONE)
                .forEach(part ->
                        queues.handle(
                                new QueueRequest.ReleaseAll(
                                        part.key(), session.key().member(), session.unanswered()),
                                reply -> {}));
    }
}
