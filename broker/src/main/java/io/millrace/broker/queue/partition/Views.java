package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.QueueView;
import java.util.ArrayList;

/** Draws what a share partition looks like from outside. Stateless. */
final class Views {
    private Views() {}

    static QueueView of(SharePartition partition, int mostHeld) {
        int available = 0;
        int resting = 0;
        var named = new ArrayList<QueueView.One>();
        for (Held held : partition.window.all()) {
            if (held.phase == Phase.AVAILABLE) {
                available += held.ripe ? 1 : 0;
                resting += held.ripe ? 0 : 1;
            }
            if (named.size() < mostHeld && (held.deliveries > 0 || held.phase == Phase.DEAD)) {
                named.add(
                        new QueueView.One(
                                held.offset(),
                                held.phase,
                                held.deliveries,
                                held.member,
                                held.untilMs));
            }
        }
        var counts =
                new QueueView.Counts(
                        available,
                        partition.window.acquiredCount(),
                        resting,
                        partition.backlog.size(),
                        partition.window.dead().size());
        return new QueueView(
                new QueueView.Offsets(partition.startOffset(), partition.endOffset()),
                counts,
                partition.backlog.nextDueMs(),
                named);
    }
}
