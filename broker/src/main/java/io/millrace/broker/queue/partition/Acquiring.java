package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.Acquisition;
import io.millrace.broker.queue.model.DeadReason;
import io.millrace.broker.queue.model.OffsetRange;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.Scan;
import io.millrace.broker.queue.model.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How records come to be held: first those that were planned, then what the log holds next. */
final class Acquiring {
    private final SharePartition partition;
    private final SharePartition.Step step;
    private final List<Held> taken = new ArrayList<>();

    Acquiring(SharePartition partition, SharePartition.Step step) {
        this.partition = partition;
        this.step = step;
    }

    List<Acquired> acquire(Acquisition wish) {
        Acquisition.Found found = wish.found();
        giveUp(found.gone());
        partition.raiseLogStart(wish.logStart(), step.changes());
        if (step.settings().paused()) {
            return List.of();
        }
        partition.window.ripen(step.nowMs());
        int room = partition.room(wish.most(), step.settings());
        boolean follows = found.scan().from() <= partition.endOffset();
        if (found.scan().indexed()) {
            if (follows) {
                index(found.scan());
            }
            partition.stage(room, step.nowMs());
            takeByClass(wish, room);
        } else {
            take(wish, room);
            if (follows) {
                scan(wish, room);
            }
        }
        return Acquired.of(taken);
    }

    private void giveUp(List<OffsetRange> gone) {
        for (OffsetRange range : gone) {
            for (Held held : List.copyOf(partition.window.within(range.first(), range.last()))) {
                if (held.phase == Phase.AVAILABLE) {
                    partition.finish(held.offset(), step.changes());
                }
            }
        }
    }

    private boolean mayBeTaken(Held held) {
        return held.phase == Phase.AVAILABLE && held.ripe && !held.traits().isExpired(step.nowMs());
    }

    private void take(Acquisition wish, int room) {
        for (OffsetRange range : wish.found().offered()) {
            for (Held held : List.copyOf(partition.window.within(range.first(), range.last()))) {
                if (taken.size() < room && mayBeTaken(held)) {
                    hold(held.offset(), held.traits(), wish);
                }
            }
        }
    }

    private void hold(long offset, Traits traits, Acquisition wish) {
        int lockMs = step.settings().locks().durationMs();
        Held held =
                partition.window.put(
                        offset,
                        traits,
                        changed -> {
                            changed.phase = Phase.ACQUIRED;
                            changed.deliveries++;
                            changed.member = wish.member();
                            changed.fetch = wish.fetch();
                            changed.untilMs = step.nowMs() + lockMs;
                        });
        step.changes().touch(offset);
        taken.add(held);
    }

    /** Takes what follows the partition's end, batch by batch. */
    private void scan(Acquisition wish, int room) {
        int locksLeft = step.settings().locks().most() - partition.window.acquiredCount();
        int mostInWindow = SharePartition.MOST_IN_WINDOW - partition.window.aliveCount();
        for (Scan.Unit unit : wish.found().scan().units()) {
            long first = Math.max(unit.range().first(), partition.endOffset());
            if (first > unit.range().last()) {
                continue;
            }
            if (taken.size() >= room) {
                return;
            }
            int limit = wish.strict() ? room - taken.size() : Math.min(locksLeft, mostInWindow);
            long last = Math.min(unit.range().last(), first + limit - 1);
            for (long offset = first; offset <= last; offset++) {
                hold(offset, unit.traits(), wish);
            }
            locksLeft -= (int) (last - first + 1);
            mostInWindow -= (int) (last - first + 1);
            partition.endAt(last + 1, step.changes());
            if (last < unit.range().last()) {
                return;
            }
        }
        partition.endAt(wish.found().scan().to(), step.changes());
    }

    /** Has every record that follows the end wait for its turn. */
    private void index(Scan scan) {
        for (Scan.Unit unit : scan.units()) {
            Traits traits = unit.traits();
            boolean due = traits.dueMs() <= step.nowMs();
            Traits kept = due ? traits.atOnce() : traits;
            long first = Math.max(unit.range().first(), partition.endOffset());
            for (long offset = first; offset <= unit.range().last(); offset++) {
                if (kept.isExpired(step.nowMs())) {
                    partition.kill(offset, kept, DeadReason.EXPIRED, step);
                } else {
                    partition.backlog.add(offset, kept);
                    step.changes().waits(offset, kept);
                }
            }
        }
        partition.endAt(scan.to(), step.changes());
    }

    /** Takes the highest classes first, of what the consumer can be sent. */
    private void takeByClass(Acquisition wish, int room) {
        var atHand = new TreeMap<Long, Long>();
        wish.found().offered().forEach(range -> atHand.put(range.first(), range.last()));
        Scan scan = wish.found().scan();
        if (scan.to() > scan.from()) {
            atHand.put(scan.from(), scan.to() - 1);
        }
        for (Held held : partition.window.ripe(SharePartition.MOST_IN_WINDOW)) {
            if (taken.size() >= room) {
                return;
            }
            Map.Entry<Long, Long> range = atHand.floorEntry(held.offset());
            boolean isAtHand = range != null && range.getValue() >= held.offset();
            if (isAtHand && mayBeTaken(held)) {
                hold(held.offset(), held.traits(), wish);
            }
        }
    }
}
