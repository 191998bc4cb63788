package io.millrace.broker.loop;

import io.millrace.broker.loop.CommitWaiter.Commit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Who waits for a partition to advance. On the partition's loop; mutable, for its hot paths. */
final class PartitionWaits {
    private final Deque<Parked> uncommitted = new ArrayDeque<>(0);
    private final Deque<Parked> unflushed = new ArrayDeque<>(0);
    private final Deque<Parked> unraised = new ArrayDeque<>(0);
    private List<AppendWatcher> watchers = new ArrayList<>(0);
    private List<AppendWatcher> followers = new ArrayList<>(0);

    private record Parked(long offset, CommitWaiter waiter) {}

    void untilCommitted(long offset, CommitWaiter waiter) {
        uncommitted.add(new Parked(offset, waiter));
    }

    void untilFlushed(long offset, CommitWaiter waiter) {
        unflushed.add(new Parked(offset, waiter));
    }

    void untilRaised(long logStart, CommitWaiter waiter) {
        unraised.add(new Parked(logStart, waiter));
    }

    /** Whether anybody waits for followers to raise their log starts. */
    boolean hasUnraised() {
        return !unraised.isEmpty();
    }

    void forget(CommitWaiter waiter) {
        unraised.removeIf(each -> each.waiter().equals(waiter));
        uncommitted.removeIf(each -> each.waiter().equals(waiter));
        unflushed.removeIf(each -> each.waiter().equals(waiter));
    }

    void watch(AppendWatcher watcher) {
        watchers.add(watcher);
    }

    void watchAppends(AppendWatcher watcher) {
        followers.add(watcher);
    }

    void unwatch(AppendWatcher watcher) {
        watchers.remove(watcher);
        followers.remove(watcher);
    }

    void appended() {
        if (!followers.isEmpty()) {
            List<AppendWatcher> woken = followers;
            followers = new ArrayList<>(woken.size());
            woken.forEach(AppendWatcher::advanced);
        }
    }

    void flushed(long offset) {
        complete(unflushed, offset);
    }

    void raised(long logStart) {
        complete(unraised, logStart);
    }

    void committed(long offset) {
        complete(uncommitted, offset);
        wakeWatchers();
    }

    private static void complete(Deque<Parked> waits, long offset) {
        for (Parked head = waits.peek();
                head != null && head.offset() <= offset;
                head = waits.peek()) {
            waits.remove();
            head.waiter().done(Commit.COMMITTED);
        }
    }

    private void wakeWatchers() {
        if (!watchers.isEmpty()) {
            List<AppendWatcher> woken = watchers;
            watchers = new ArrayList<>(woken.size());
            woken.forEach(AppendWatcher::advanced);
        }
    }

    /** Nobody who waits now will see what he waits for. */
    void end(Commit outcome) {
        for (Deque<Parked> waits : List.of(uncommitted, unflushed, unraised)) {
            for (Parked head = waits.poll(); head != null; head = waits.poll()) {
                head.waiter().done(outcome);
            }
        }
        wakeWatchers();
        appended();
    }
}
