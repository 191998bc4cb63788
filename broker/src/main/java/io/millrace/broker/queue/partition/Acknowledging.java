package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.AckBatch;
import io.millrace.broker.queue.model.DeadReason;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.QueueError;
import java.util.Collection;
import java.util.List;

/** How records that are held are let go. */
final class Acknowledging {
    private final SharePartition partition;
    private final SharePartition.Step step;

    Acknowledging(SharePartition partition, SharePartition.Step step) {
        this.partition = partition;
        this.step = step;
    }

    QueueError acknowledge(String member, List<AckBatch> batches) {
        long start = partition.startOffset();
        QueueError error = problem(member, batches, start);
        if (error == QueueError.NONE) {
            for (AckBatch batch : batches) {
                for (Held held : List.copyOf(named(batch, start))) {
                    apply(held, batch.type(held.offset()));
                }
            }
        }
        return error;
    }

    private QueueError problem(String member, List<AckBatch> batches, long start) {
        long previousLast = -1;
        for (AckBatch batch : batches) {
            boolean renewal = batch.renews() && !step.settings().locks().renewable();
            boolean neverDelivered = batch.last() >= partition.endOffset();
            if (!batch.isSound(previousLast) || renewal || neverDelivered) {
                return QueueError.INVALID_REQUEST;
            }
            previousLast = batch.last();
        }
        for (AckBatch batch : batches) {
            if (batch.last() >= start && !isHeldWhole(member, batch, start)) {
                return QueueError.INVALID_RECORD_STATE;
            }
        }
        return QueueError.NONE;
    }

    /** Whether the member holds every record that is named and not done long ago. */
    private boolean isHeldWhole(String member, AckBatch batch, long start) {
        long first = Math.max(start, batch.first());
        if (batch.last() - first >= partition.window.size()) {
            return false;
        }
        long expected = first;
        for (Held held : named(batch, start)) {
            boolean holds = held.phase == Phase.ACQUIRED && held.member.equals(member);
            if (held.offset() != expected || !holds) {
                return false;
            }
            expected++;
        }
        return expected == batch.last() + 1;
    }

    private Collection<Held> named(AckBatch batch, long start) {
        long first = Math.max(start, batch.first());
        return batch.last() < first ? List.of() : partition.window.within(first, batch.last());
    }

    void releaseAll(String member, long unanswered) {
        takeBack(member, unanswered);
        partition.window.heldBy(member).forEach(held -> partition.release(held, step));
    }

    void takeBack(String member, long unanswered) {
        for (Held held : partition.window.heldBy(member)) {
            if (unanswered != 0 && held.fetch == unanswered) {
                takeBack(held);
            }
        }
    }

    /** One that was never delivered waits again as it did before. */
    private void takeBack(Held held) {
        Changes changes = step.changes();
        if (held.deliveries == 1) {
            partition.window.remove(held.offset());
            partition.backlog.add(held.offset(), held.traits());
            changes.waits(held.offset(), held.traits());
            partition.free(held.traits().key(), changes);
        } else {
            partition.change(
                    held,
                    changed -> {
                        changed.phase = Phase.AVAILABLE;
                        changed.deliveries--;
                        changed.member = "";
                        changed.untilMs = 0;
                    },
                    changes);
        }
        changes.madeAvailable();
    }

    private void apply(Held held, byte type) {
        switch (type) {
            case AckBatch.RELEASE -> partition.release(held, step);
            case AckBatch.REJECT ->
                    partition.kill(held.offset(), held.traits(), DeadReason.REJECTED, step);
            case AckBatch.RENEW ->
                    partition.change(
                            held,
                            changed ->
                                    changed.untilMs =
                                            step.nowMs() + step.settings().locks().durationMs(),
                            step.changes());
            default -> partition.finish(held.offset(), step.changes());
        }
    }
}
