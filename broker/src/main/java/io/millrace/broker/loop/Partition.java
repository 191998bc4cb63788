package io.millrace.broker.loop;

import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogOwner;
import io.millrace.storage.LogSlice;
import io.millrace.storage.LogTransactions;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import io.millrace.storage.disk.OpenFiles;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition that this broker leads: its log, its high watermark and the requests that wait for
 * it. Everything but {@link #id}, {@link #loop} and {@link #execute} runs on the owner loop.
 * Mutable for the sake of the produce and fetch paths.
 *
 * <p>With one replica the high watermark is the flushed offset: nothing is acknowledged, and
 * nothing is read by consumers, before it is as durable as the broker is set to make it.
 */
public final class Partition implements LogOwner {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);

    private final PartitionId id;
    private final OwnerLoop loop;
    private final Function<LogOwner, PartitionLog> opener;
    private final Deque<Parked> parked = new ArrayDeque<>(0);
    private final Admissions admissions = new Admissions();
    private List<AppendWatcher> watchers = new ArrayList<>(0);
    private @Nullable PartitionLog log;
    private long highWatermark;
    private int leaderEpoch;
    private boolean flushQueued;
    private boolean deleted;
    private boolean offline;

    private record Parked(long offset, CommitWaiter waiter) {}

    /**
     * @param opener opens the log, on the loop, when it is first needed
     */
    public Partition(
            PartitionId id,
            OwnerLoop loop,
            int leaderEpoch,
            Function<LogOwner, PartitionLog> opener) {
        this.id = id;
        this.loop = loop;
        this.leaderEpoch = leaderEpoch;
        this.opener = opener;
    }

    /** Which partition this is; from any thread. */
    public PartitionId id() {
        return id;
    }

    /** Who owns it; from any thread. */
    public OwnerLoop loop() {
        return loop;
    }

    /** Runs a task on the owner loop; from any thread. */
    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    /**
     * The log, opened if it was not. Blocks for as long as its recovery takes.
     *
     * @throws StorageException if it cannot be opened
     */
    public PartitionLog log() {
        PartitionLog opened = log;
        if (opened == null) {
            opened = opener.apply(this);
            log = opened;
            highWatermark = opened.flushedOffset();
        }
        return opened;
    }

    /** The batches that wait until their transaction is known. */
    public Admissions admissions() {
        return admissions;
    }

    /** Whether the log has been opened. */
    public boolean isOpen() {
        return log != null;
    }

    /** Whether the topic was deleted: nothing more can be read or written. */
    public boolean isDeleted() {
        return deleted;
    }

    /** Whether the log failed and takes no more part until a restart. */
    public boolean isOffline() {
        return offline;
    }

    /** Exclusive end of what consumers may read. */
    public long highWatermark() {
        log();
        return highWatermark;
    }

    /** End of what read-committed consumers may read: what is before it is decided for good. */
    public long lastStableOffset() {
        return log().transactions().lastStableOffset(highWatermark());
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    /** Takes a newer leader epoch. */
    public void lead(int epoch) {
        leaderEpoch = Math.max(leaderEpoch, epoch);
    }

    /**
     * Appends records, and has them flushed at the end of this turn of the loop.
     *
     * @param records one batch or more; edited in place
     * @throws StorageException if the disk failed
     */
    public PartitionLog.AppendResult append(ByteBuffer records, PartitionLog.Origin origin) {
        return append(records, origin, null);
    }

    /**
     * Appends records.
     *
     * @param verification what the coordinator was asked of, for the first of a transaction here
     */
    public PartitionLog.AppendResult append(
            ByteBuffer records, PartitionLog.Origin origin, @Nullable Verification verification) {
        var request =
                new PartitionLog.AppendRequest(origin, leaderEpoch, loop.nowMs(), verification);
        var result = log().append(records, request);
        appended();
        return result;
    }

    /** Ends a producer's transaction, and tells once that is committed. */
    public void end(TransactionEnd end, Consumer<TransactionEnding> then) {
        TransactionEnding outcome = end(end);
        if (outcome != TransactionEnding.ENDED) {
            then.accept(outcome);
            return;
        }
        whenCommitted(
                log().logEndOffset(),
                commit ->
                        then.accept(
                                switch (commit) {
                                    case COMMITTED -> TransactionEnding.ENDED;
                                    case OFFLINE -> TransactionEnding.UNAVAILABLE;
                                    case DELETED -> TransactionEnding.GONE;
                                }));
    }

    private TransactionEnding end(TransactionEnd end) {
        if (deleted) {
            return TransactionEnding.GONE;
        }
        if (offline) {
            return TransactionEnding.UNAVAILABLE;
        }
        try {
            LogTransactions.Ending ending =
                    log().transactions().end(end, leaderEpoch, loop.nowMs());
            appended();
            return switch (ending) {
                case ENDED -> TransactionEnding.ENDED;
                case STALE_EPOCH -> TransactionEnding.STALE_EPOCH;
                case STALE_COORDINATOR -> TransactionEnding.STALE_COORDINATOR;
                case NOT_STORED -> TransactionEnding.UNAVAILABLE;
            };
        } catch (StorageException e) {
            LOG.error("A transaction could not be ended in {}: {}", id, e.getMessage());
            return TransactionEnding.UNAVAILABLE;
        }
    }

    private void appended() {
        PartitionLog current = log();
        if (current.flushedOffset() >= current.logEndOffset()) {
            raiseHighWatermark(current.flushedOffset());
        } else if (!flushQueued) {
            flushQueued = true;
            loop.flushAtTurnEnd(this);
        }
    }

    void requestFlush() {
        flushQueued = false;
        PartitionLog current = log;
        if (current != null && !deleted) {
            current.requestFlush();
        }
    }

    /** Calls the waiter once the high watermark is at least {@code offset}, or never can be. */
    public void whenCommitted(long offset, CommitWaiter waiter) {
        if (deleted) {
            waiter.done(Commit.DELETED);
        } else if (offline) {
            waiter.done(Commit.OFFLINE);
        } else if (highWatermark() >= offset) {
            waiter.done(Commit.COMMITTED);
        } else {
            parked.add(new Parked(offset, waiter));
        }
    }

    /** Reads from the batch that holds {@code offset}, not past {@code endOffset} (exclusive). */
    public LogSlice read(long offset, long endOffset, int maxBytes, boolean atLeastOneBatch) {
        return log().read(offset, endOffset, maxBytes, atLeastOneBatch);
    }

    /** Calls the watcher once when the high watermark next rises or the partition goes away. */
    public void watch(AppendWatcher watcher) {
        watchers.add(watcher);
    }

    /** Forgets a watcher; nothing happens if it is not registered. */
    public void unwatch(AppendWatcher watcher) {
        watchers.remove(watcher);
    }

    @Override
    public OpenFiles openFiles() {
        return loop.openFiles();
    }

    @Override
    public void flushed(long offset) {
        raiseHighWatermark(offset);
    }

    @Override
    public void offline(StorageException cause) {
        offline = true;
        LOG.error("{} is offline until a restart: {}", id, cause.getMessage());
        endWaits(Commit.OFFLINE);
    }

    private void raiseHighWatermark(long offset) {
        if (offset <= highWatermark) {
            return;
        }
        highWatermark = offset;
        for (Parked head = parked.peek();
                head != null && head.offset() <= offset;
                head = parked.peek()) {
            parked.remove();
            head.waiter().done(Commit.COMMITTED);
        }
        wakeWatchers();
    }

    private void wakeWatchers() {
        if (!watchers.isEmpty()) {
            List<AppendWatcher> woken = watchers;
            watchers = new ArrayList<>(woken.size());
            woken.forEach(AppendWatcher::advanced);
        }
    }

    private void endWaits(Commit outcome) {
        for (Parked head = parked.poll(); head != null; head = parked.poll()) {
            head.waiter().done(outcome);
        }
        wakeWatchers();
    }

    /** Takes changed topic settings. */
    public void reconfigure(LogConfig config) {
        if (log != null) {
            log.reconfigure(config);
        }
    }

    /** Deletes the log. Whoever waits is told. */
    public void delete() {
        PartitionLog current = log();
        deleted = true;
        current.delete();
        endWaits(Commit.DELETED);
    }

    /** Closes the log cleanly. Blocks until it is flushed. */
    public void close() {
        PartitionLog current = log;
        if (current != null && !deleted) {
            current.close(loop.nowMs());
        }
    }
}
