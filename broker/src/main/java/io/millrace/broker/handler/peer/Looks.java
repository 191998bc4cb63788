package io.millrace.broker.handler.peer;

import io.millrace.broker.coordinator.QueueCoordinator.Gathered;
import io.millrace.broker.proto.HeldLook;
import io.millrace.broker.proto.PeerAnswer;
import io.millrace.broker.proto.QueueLook;
import io.millrace.broker.proto.ViewsAnswer;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueView;
import java.util.List;

/** What queues look like from outside, to and from messages. Stateless. */
final class Looks {
    private Looks() {}

    static PeerAnswer of(List<Gathered<QueueView>> found, QueueError error) {
        var all = ViewsAnswer.newBuilder();
        found.forEach(each -> all.addQueues(of(each)));
        return Answers.start(error).setViews(all).build();
    }

    private static QueueLook of(Gathered<QueueView> found) {
        QueueView view = found.value();
        var look =
                QueueLook.newBuilder()
                        .setQueue(Names.of(found.key()))
                        .setStart(view.offsets().start())
                        .setEnd(view.offsets().end())
                        .setAvailable(view.counts().available())
                        .setAcquired(view.counts().acquired())
                        .setResting(view.counts().resting())
                        .setWaiting(view.counts().waiting())
                        .setDead(view.counts().dead())
                        .setNextDueMs(view.nextDueMs());
        for (QueueView.One one : view.held()) {
            look.addHeld(
                    HeldLook.newBuilder()
                            .setOffset(one.offset())
                            .setPhase(one.phase().code())
                            .setDeliveries(one.deliveries())
                            .setMember(one.member())
                            .setUntilMs(one.untilMs()));
        }
        return look.build();
    }

    /**
     * What was told.
     *
     * @throws IllegalArgumentException if it makes no sense
     */
    static QueueRouter.Part<QueueView> views(PeerAnswer answer) {
        return new QueueRouter.Part<>(
                answer.getViews().getQueuesList().stream()
                        .map(look -> new Gathered<>(Names.key(look.getQueue()), view(look)))
                        .toList(),
                Answers.error(answer));
    }

    private static QueueView view(QueueLook look) {
        return new QueueView(
                new QueueView.Offsets(look.getStart(), look.getEnd()),
                new QueueView.Counts(
                        look.getAvailable(),
                        look.getAcquired(),
                        look.getResting(),
                        look.getWaiting(),
                        look.getDead()),
                look.getNextDueMs(),
                look.getHeldList().stream().map(Looks::one).toList());
    }

    private static QueueView.One one(HeldLook held) {
        Phase phase = Phase.of(held.getPhase());
        if (phase == null) {
            throw new IllegalArgumentException("an unknown phase: " + held.getPhase());
        }
        return new QueueView.One(
                held.getOffset(), phase, held.getDeliveries(), held.getMember(), held.getUntilMs());
    }
}
