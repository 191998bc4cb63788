package io.millrace.broker.group.shard;

import io.millrace.broker.group.classic.ClassicGroup;
import io.millrace.broker.group.classic.Handover;
import io.millrace.broker.group.consumer.ConsumerGroup;
import io.millrace.broker.group.consumer.Migration;
import org.jspecify.annotations.Nullable;

/** Moves groups with members between the classic and the consumer protocol, where that may be. */
record Migrations<T>(Turn<T> turn) {
    /** The consumer group that a classic group becomes; null if it may not, or cannot. */
    @Nullable ConsumerGroup upgrade(ClassicGroup<T> classic) {
        boolean may =
                turn.cluster().migration().allowsUpgrade()
                        && classic.protocolType().equals("consumer")
                        && classic.states().size()
                                <= turn.cluster().setting(classic.id(), ConsumerRequests.MAX_SIZE);
        ConsumerGroup members =
                may
                        ? Migration.toConsumer(classic, turn.cluster(), turn.out(), turn.nowMs())
                        : null;
        if (members != null) {
            handover(classic).give();
        }
        return members;
    }

    /** A consumer group that has lost its last consumer goes on as a classic group. */
    void downgradeIfAllAreClassic(Group<T> group) {
        if (!(group.kind() instanceof Kind.Consumer<T>(ConsumerGroup members))) {
            return;
        }
        boolean may =
                members.isAllClassic()
                        && turn.cluster().migration().allowsDowngrade()
                        && members.members().size() <= turn.limits().maxSize();
        if (may) {
            ClassicGroup<T> classic =
                    ClassicGroup.of(
                            group.id(),
                            members.epoch(),
                            Migration.toClassic(members, turn.cluster()),
                            turn.nowMs());
            Migration.forgetMembers(members, turn.out());
            group.become(new Kind.Classic<>(classic));
            handover(classic).take();
        }
    }

    private Handover<T> handover(ClassicGroup<T> classic) {
        return new Handover<>(turn.limits(), classic, turn.out(), turn.nowMs());
    }
}
