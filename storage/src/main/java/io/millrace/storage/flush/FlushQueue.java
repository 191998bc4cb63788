package io.millrace.storage.flush;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A few threads that run syncs. Each log has at most one in flight, so that its appends gather
 * behind it and share the next. Thread-safe.
 */
public final class FlushQueue implements AutoCloseable {
    private final Executor work;
    private final @Nullable ExecutorService threads;

    /**
     * @param threadCount syncs that may run at once
     */
    public FlushQueue(int threadCount) {
        var number = new AtomicInteger();
        threads =
                Executors.newFixedThreadPool(
                        threadCount,
                        task -> {
                            var thread = new Thread(task, "flush-" + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
        work = threads;
    }

    /** Runs the work where the caller says, as simulations need it. */
    public FlushQueue(Executor work) {
        this.work = work;
        this.threads = null;
    }

    /** Runs a sync, or slow file work that must not hold up an owner, on one of the threads. */
    public void submit(Runnable task) {
        work.execute(task);
    }

    /** Finishes what was submitted. Blocks until then, a minute at most. */
    @Override
    public void close() {
        if (threads == null) {
            return;
        }
        threads.shutdown();
        try {
            threads.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
