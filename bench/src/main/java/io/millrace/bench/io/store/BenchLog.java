package io.millrace.bench.io.store;

import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.LogOwner;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.StorageException;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.flush.FlushQueue;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A partition log whose owner is the thread that made it: it runs what the log sends its owner. */
public final class BenchLog implements LogOwner, AutoCloseable {
    private static final long PRODUCER_EXPIRATION_MS = 86_400_000;

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final PartitionLog log;
    private final AppendRequest request;
    private @Nullable StorageException failure;

    /** Opens the log of a folder, new or left by an earlier one. */
    public BenchLog(Path folder, Durability durability, LogConfig config, FlushQueue flushes) {
        var disk = new RealDisk();
        var environment =
                new LogEnvironment(
                        disk,
                        flushes,
                        durability,
                        PRODUCER_EXPIRATION_MS,
                        new DiskReserve(disk, folder, 0),
                        new NoSurprises());
        long nowMs = System.currentTimeMillis();
        log = PartitionLog.open(environment, folder, config, this, nowMs);
        request = new AppendRequest(Origin.CLIENT, 0, nowMs);
    }

    public PartitionLog log() {
        return log;
    }

    /** Appends a producer's batch: everything between position and limit, as it was first. */
    public AppendResult append(ByteBuffer batch) {
        batch.putLong(batch.position(), 0);
        return log.append(batch, request);
    }

    /** Appends a batch that must go in. */
    public void appendOrFail(ByteBuffer batch) {
        if (!(append(batch) instanceof AppendResult.Appended)) {
            throw new IllegalStateException("the log refused a batch", failure);
        }
    }

    /** Has all that was appended made durable, and waits for it. */
    public void sync() {
        log.requestFlush();
        awaitFlushed(log.logEndOffset());
    }

    /** Runs the owner's tasks until everything before {@code offset} is durable. */
    public void awaitFlushed(long offset) {
        try {
            while (log.flushedOffset() < offset && failure == null) {
                tasks.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the disk syncs", e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Runs the owner's tasks that wait now. */
    public void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void flushed(long offset) {
        // Whoever waits looks at the log itself.
    }

    @Override
    public void offline(StorageException cause) {
        failure = cause;
    }

    @Override
    public void close() {
        runTasks();
        log.close(System.currentTimeMillis());
    }
}
