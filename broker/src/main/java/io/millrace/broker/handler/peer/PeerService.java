package io.millrace.broker.handler.peer;

import io.millrace.broker.coordinator.QueueCoordinator;
import io.millrace.broker.proto.PeerAnswer;
import io.millrace.broker.proto.PeerCall;
import io.millrace.broker.queue.model.QueueError;
import java.util.function.Consumer;

/**
 * Answers what other brokers ask: from what this broker leads alone, so that no question goes
 * round. Thread-safe; never blocks.
 */
public final class PeerService {
    private final QueueCoordinator queues;
    private final ShareMembership members;

    public PeerService(QueueCoordinator queues, ShareMembership members) {
        this.queues = queues;
        this.members = members;
    }

    /**
     * Does what a call asks for.
     *
     * @param nowMs milliseconds since the epoch, on this broker's clock
     * @param then told once, from any thread
     * @throws IllegalArgumentException if it asks for nothing that is known here
     */
    void answer(PeerCall call, long nowMs, Consumer<PeerAnswer> then) {
        switch (call.getAskedCase()) {
            case PLAN ->
                    queues.plan(
                            Names.key(call.getPlan().getQueue()),
                            Math.max(0, call.getPlan().getMost()),
                            nowMs,
                            planned -> then.accept(Answers.of(planned, nowMs)));
            case WAKE -> {
                queues.wake(Names.key(call.getWake()));
                then.accept(Answers.error(QueueError.NONE));
            }
            case OFFSETS -> {
                var _ =
                        QueueRouter.offsetsHere(queues, call.getOffsets())
                                .thenAccept(part ->
                                        then.accept(Answers.offsets(part.found(), part.error())));
            }
            case VIEWS -> {
                var _ =
                        QueueRouter.viewsHere(queues, call.getViews())
                                .thenAccept(
                                        part -> then.accept(Looks.of(part.found(), part.error())));
            }
            case MEMBER ->
                    MemberRouter.checkHere(
                            members,
                            call.getMember().getGroup(),
                            call.getMember().getMember(),
                            error -> then.accept(Answers.member(error)));
            default -> queues.handle(Calls.request(call), reply -> then.accept(Answers.of(reply)));
        }
    }
}
