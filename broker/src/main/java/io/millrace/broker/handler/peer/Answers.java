package io.millrace.broker.handler.peer;

import io.millrace.broker.coordinator.QueueCoordinator.Gathered;
import io.millrace.broker.coordinator.QueueCoordinator.Planned;
import io.millrace.broker.proto.HeldAnswer;
import io.millrace.broker.proto.HeldSpan;
import io.millrace.broker.proto.OffsetsAnswer;
import io.millrace.broker.proto.PeerAnswer;
import io.millrace.broker.proto.PlanAnswer;
import io.millrace.broker.proto.QueueOffsets;
import io.millrace.broker.queue.QueueReply;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.Acquired;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * Answers about queues and members, to and from messages. Those that cannot be read throw
 * IllegalArgumentException. Stateless.
 */
final class Answers {
    private static final long NEVER_MS = -1;

    /** At the place of its code in messages. */
    private static final List<QueueError> ERRORS =
            List.of(
                    QueueError.NONE,
                    QueueError.INVALID_RECORD_STATE,
                    QueueError.INVALID_REQUEST,
                    QueueError.NOT_COORDINATOR,
                    QueueError.COORDINATOR_NOT_AVAILABLE,
                    QueueError.NOT_INITIALIZED);

    private Answers() {}

    static PeerAnswer error(QueueError error) {
        return start(error).build();
    }

    static PeerAnswer.Builder start(QueueError error) {
        return PeerAnswer.newBuilder().setError(ERRORS.indexOf(error));
    }

    static QueueError error(PeerAnswer answer) {
        if (answer.getError() < 0 || answer.getError() >= ERRORS.size()) {
            throw new IllegalArgumentException("an unknown error: " + answer.getError());
        }
        return ERRORS.get(answer.getError());
    }

    static PeerAnswer of(QueueReply reply) {
        var answer = start(reply.error());
        if (reply instanceof QueueReply.Held held) {
            var acquired = HeldAnswer.newBuilder();
            for (Acquired run : held.acquired()) {
                acquired.addAcquired(
                        HeldSpan.newBuilder()
                                .setRange(Names.of(run.range()))
                                .setDeliveries(run.deliveries()));
            }
            answer.setHeld(acquired);
        }
        return answer.build();
    }

    /** The reply to any request but one to acquire. */
    static QueueReply plain(PeerAnswer answer) {
        return new QueueReply.Plain(error(answer));
    }

    /** The reply to a request to acquire. */
    static QueueReply held(PeerAnswer answer) {
        QueueError error = error(answer);
        if (error == QueueError.NONE && !answer.hasHeld()) {
            throw new IllegalArgumentException("not said what is held");
        }
        return new QueueReply.Held(
                error,
                answer.getHeld().getAcquiredList().stream()
                        .map(run -> new Acquired(Names.range(run.getRange()), run.getDeliveries()))
                        .toList());
    }

    /**
     * What was planned, its next time as the time until then.
     *
     * @param nowMs here
     */
    static PeerAnswer of(Planned planned, long nowMs) {
        var answer = start(planned.error());
        Plan plan = planned.plan();
        if (plan != null) {
            boolean never = plan.nextMs() == Traits.NEVER;
            answer.setPlan(
                    PlanAnswer.newBuilder()
                            .addAllCandidates(Names.spans(plan.candidates()))
                            .setScanFrom(plan.scanFrom())
                            .setRoom(plan.room())
                            .setNextInMs(never ? NEVER_MS : Math.max(0, plan.nextMs() - nowMs)));
        }
        return answer.build();
    }

    /**
     * What was planned.
     *
     * @param nowMs here, where the answer is read
     */
    static Planned planned(PeerAnswer answer, long nowMs) {
        QueueError error = error(answer);
        if (error != QueueError.NONE) {
            return new Planned(error, null);
        }
        if (!answer.hasPlan()) {
            throw new IllegalArgumentException("no plan");
        }
        PlanAnswer plan = answer.getPlan();
        long nextMs =
                plan.getNextInMs() < 0 || plan.getNextInMs() > Traits.NEVER - nowMs
                        ? Traits.NEVER
                        : nowMs + plan.getNextInMs();
        return new Planned(
                error,
                new Plan(
                        Names.ranges(plan.getCandidatesList()),
                        plan.getScanFrom(),
                        plan.getRoom(),
                        nextMs));
    }

    static PeerAnswer offsets(List<Gathered<PartitionLag>> found, QueueError error) {
        var all = OffsetsAnswer.newBuilder();
        for (Gathered<PartitionLag> each : found) {
            all.addQueues(
                    QueueOffsets.newBuilder()
                            .setQueue(Names.of(each.key()))
                            .setStart(each.value().start())
                            .setEnd(each.value().end())
                            .setUnfinished(each.value().unfinished()));
        }
        return start(error).setOffsets(all).build();
    }

    static QueueRouter.Part<PartitionLag> offsets(PeerAnswer answer) {
        return new QueueRouter.Part<>(
                answer.getOffsets().getQueuesList().stream()
                        .map(each ->
                                new Gathered<>(
                                        Names.key(each.getQueue()),
                                        new PartitionLag(
                                                each.getStart(),
                                                each.getEnd(),
                                                each.getUnfinished())))
                        .toList(),
                error(answer));
    }

    static PeerAnswer member(Errors error) {
        return start(QueueError.NONE).setMember(error.code()).build();
    }

    static Errors member(PeerAnswer answer) {
        if (error(answer) != QueueError.NONE) {
            return Errors.COORDINATOR_NOT_AVAILABLE;
        }
        if (!answer.hasMember()) {
            throw new IllegalArgumentException("not said whether it is a member");
        }
        return Errors.forCode((short) answer.getMember());
    }
}
