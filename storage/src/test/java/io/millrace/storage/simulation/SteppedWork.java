package io.millrace.storage.simulation;

import io.millrace.storage.PartitionLog;
import io.millrace.storage.flush.FlushQueue;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a log's owner and its flush thread have to do, one step at a time as a history wants it. */
final class SteppedWork {
    private final Deque<Runnable> flushTasks = new ArrayDeque<>();
    private final Deque<Runnable> ownerTasks = new ArrayDeque<>();

    /** A crash: nobody does it any more. */
    void clear() {
        flushTasks.clear();
        ownerTasks.clear();
    }

    FlushQueue flushes() {
        return new FlushQueue(flushTasks::add);
    }

    void forOwner(Runnable task) {
        ownerTasks.add(task);
    }

    /** Runs the oldest of the waiting flush work. */
    boolean runFlush() {
        Runnable task = flushTasks.poll();
        if (task != null) {
            task.run();
        }
        return task != null;
    }

    /** Runs everything that the owner was told to. */
    void runOwner() {
        for (Runnable task = ownerTasks.poll(); task != null; task = ownerTasks.poll()) {
            task.run();
        }
    }

    /** Has everything appended so far flushed. */
    void flushAll(PartitionLog log) {
        log.requestFlush();
        do {
            runOwner();
        } while (runFlush());
        runOwner();
    }
}
