package io.millrace.broker.loop;

import io.millrace.storage.disk.OpenFiles;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop that owns partitions. Tasks run one after another on its thread; whatever they
 * append in one turn is flushed together at the turn's end. {@link #execute}, {@link #schedule},
 * {@link #events} and {@link #isCurrent} may be called from any thread, the rest on the loop.
 */
public final class OwnerLoop implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerLoop.class);

    private final EventLoop events;
    private final BrokerClock clock;
    private final OpenFiles openFiles;
    private final ParkedRequests parked;
    private final List<Partition> dirty = new ArrayList<>();

    OwnerLoop(EventLoop events, BrokerClock clock, OpenFiles openFiles, long parkedBytes) {
        this.events = events;
        this.clock = clock;
        this.openFiles = openFiles;
        this.parked = new ParkedRequests(events, parkedBytes);
    }

    /** Runs a task on this loop, after those already waiting. */
    @Override
    public void execute(Runnable task) {
        events.execute(task);
    }

    /** Runs a task at once if this is the loop's own thread, else sends it there. */
    public void run(Runnable task) {
        if (isCurrent()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /** Runs a task on this loop after {@code delayMs} milliseconds; the handle cancels it. */
    public Cancellable schedule(Runnable task, long delayMs) {
        var scheduled = events.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }

    /** Runs a task on this loop every {@code periodMs} milliseconds until cancelled. */
    public Cancellable every(Runnable task, long periodMs) {
        var scheduled =
                events.scheduleWithFixedDelay(
                        () -> guarded(task), periodMs, periodMs, TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }

    /** Whether the calling thread is this loop's. */
    public boolean isCurrent() {
        return events.inEventLoop();
    }

    /** For connections that are to live on this loop. */
    public EventLoopGroup events() {
        return events;
    }

    /** The segment files that its partitions keep open. */
    OpenFiles openFiles() {
        return openFiles;
    }

    /** The requests of its connections that wait for records. */
    public ParkedRequests parked() {
        return parked;
    }

    /** Milliseconds since the epoch. */
    public long nowMs() {
        return clock.nowMs();
    }

    /** Flushes the partition's log once the tasks that wait now have run. */
    void flushAtTurnEnd(Partition partition) {
        if (dirty.isEmpty()) {
            execute(this::flushDirty);
        }
        dirty.add(partition);
    }

    private void flushDirty() {
        dirty.forEach(Partition::requestFlush);
        dirty.clear();
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // A periodic task that throws would never run again.
            LOG.error("A periodic task failed; it will be tried again", e);
        }
    }

    /** Something scheduled that can be called off. */
    @FunctionalInterface
    public interface Cancellable {
        /** Calls it off; nothing happens if it has run. */
        void cancel();
    }
}
