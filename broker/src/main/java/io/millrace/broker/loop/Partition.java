package io.millrace.broker.loop;

import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.cluster.replication.FollowerReplica;
import io.millrace.cluster.replication.InSyncWish;
import io.millrace.cluster.replication.LeaderReplica;
import io.millrace.cluster.replication.Terms;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogOwner;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.ReplicaAppend;
import io.millrace.storage.StorageException;
import io.millrace.storage.disk.OpenFiles;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition on this broker, which leads it, follows another that does, or has no part in it: its
 * log, its high watermark and the requests that wait for it. Everything but {@link #id}, {@link
 * #loop} and {@link #execute} runs on the owner loop. Mutable for the sake of the produce and fetch
 * paths.
 *
 * <p>Nothing is acknowledged, and nothing is read by consumers, before it is as durable as the
 * broker is set to make it, on every replica that is in sync.
 */
public final class Partition implements LogOwner {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);

    private final PartitionId id;
    private final OwnerLoop loop;
    private final Function<LogOwner, PartitionLog> opener;
    private final Replication replication;
    private final PartitionWaits waits = new PartitionWaits();
    private final Admissions admissions = new Admissions();
    private @Nullable PartitionLog log;
    private @Nullable LeaderReplica leader;
    private @Nullable FollowerReplica following;
    private Terms terms;
    private long highWatermark;

    private long committedByLeader;

    private boolean flushQueued;
    private boolean deleted;
    private boolean offline;

    /**
     * @param terms who leads it and who holds it, as far as is known now
     * @param opener opens the log, on the loop, when it is first needed
     */
    public Partition(
            PartitionId id,
            OwnerLoop loop,
            Replication replication,
            Terms terms,
            Function<LogOwner, PartitionLog> opener) {
        this.id = id;
        this.loop = loop;
        this.replication = replication;
        this.terms = terms;
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
            highWatermark = opened.checkpointedHighWatermark().orElse(opened.logStartOffset());
            play(opened);
        }
        return opened;
    }

    /** Whether this broker leads the partition. */
    public boolean isLed() {
        return terms.leader() == replication.self();
    }

    /** Whether this broker is one of its replicas. */
    public boolean isHosted() {
        return terms.replicas().has(replication.self());
    }

    /** Whom it follows; null if nobody. */
    public @Nullable FollowerReplica following() {
        return following;
    }

    /** Who leads it and who holds it, as far as is known here. */
    public Terms terms() {
        return terms;
    }

    /** Whether too few replicas are in sync for anything to be committed. */
    public boolean isUnderMinimum() {
        return terms.isUnderMinimum();
    }

    /**
     * Takes newer terms, in the order of the metadata.
     *
     * @throws StorageException if the log cannot be opened
     */
    public void take(Terms newer) {
        Terms before = terms;
        terms = newer;
        if (deleted || offline) {
            return;
        }
        if (!newer.isLedAsBy(before) || !isHosted()) {
            resign();
        }
        boolean alone = newer.replicas().size() == 1 && isLed();
        if (log != null || isHosted() && !alone) {
            play(log());
        }
    }

    /** Neither leads nor follows: whoever waits for it is told. */
    private void resign() {
        leader = null;
        stopFollowing();
        waits.end(Commit.NOT_LEADER);
    }

    private void stopFollowing() {
        if (following != null) {
            following = null;
            replication.listener().stopsFollowing(this);
        }
    }

    /** Takes the part that the terms give it; once for each epoch, again for changes within. */
    private void play(PartitionLog opened) {
        if (isLed()) {
            lead(opened);
        } else if (isHosted() && terms.leader() >= 0) {
            var wanted = new FollowerReplica(terms.leader(), terms.leaderEpoch());
            if (!wanted.equals(following)) {
                following = wanted;
                // An epoch in which this broker led, and wrote nothing, is none of the log's.
                opened.truncateTo(opened.logEndOffset());
                replication.listener().follows(this);
            }
        }
    }

    private void lead(PartitionLog opened) {
        LeaderReplica leads = leader;
        if (leads != null) {
            raiseHighWatermark(leads.changed(terms, loop.nowMs()));
            LogStarts.look(this);
            return;
        }
        if (terms.replicas().size() > 1) {
            opened.beginEpoch(terms.leaderEpoch());
        }
        var start =
                new LeaderReplica.Start(
                        opened.flushedOffset(), opened.logEndOffset(), highWatermark);
        leads =
                new LeaderReplica(
                        replication.self(), terms, start, replication.maxLagMs(), loop.nowMs());
        leader = leads;
        raiseHighWatermark(leads.highWatermark());
    }

    /** Gives up the log: another broker holds the partition in its place. */
    public void abandon() {
        PartitionLog present = log;
        if (present != null && !isHosted() && !deleted) {
            log = null;
            highWatermark = 0;
            present.delete();
        }
    }

    PartitionWaits waits() {
        return waits;
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
        return terms.leaderEpoch();
    }

    /** What its leader said last is committed there; not all of it may be here yet. */
    public long committedByLeader() {
        return committedByLeader;
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
        if (!isLed()) {
            throw new StorageException(
                    Path.of(id.folder()), "this broker does not lead the partition", null);
        }
        var request =
                new PartitionLog.AppendRequest(
                        origin, terms.leaderEpoch(), loop.nowMs(), verification);
        var result = log().append(records, request);
        appended();
        return result;
    }

    /** Ends a producer's transaction, and tells once that is committed. */
    public void end(TransactionEnd end, Consumer<TransactionEnding> then) {
        new PartitionTransactions(this).end(end, then);
    }

    /** Something was appended to the log: has it flushed at the end of this turn of the loop. */
    void appended() {
        PartitionLog current = log();
        LeaderReplica leads = leader;
        if (leads != null) {
            leads.appended(current.logEndOffset());
        }
        if (current.flushedOffset() >= current.logEndOffset()) {
            flushed(current.flushedOffset());
        } else if (!flushQueued) {
            flushQueued = true;
            loop.flushAtTurnEnd(this);
        }
        waits.appended();
    }

    /**
     * Appends what was fetched from the leader, and learns what is committed.
     *
     * @throws StorageException if the disk failed
     */
    public ReplicaAppend replicate(ByteBuffer batches, FollowerReplica.Step.Append step) {
        PartitionLog current = log();
        if (step.logStart() > current.logStartOffset()) {
            current.raiseLogStart(step.logStart());
        }
        ReplicaAppend result = current.appendAsReplica(batches, loop.nowMs());
        committedByLeader = step.highWatermark();
        appended();
        return result;
    }

    /** Cuts off what the leader does not have. Blocks. */
    public void truncateTo(long offset) {
        log().truncateTo(offset);
        highWatermark = Math.min(highWatermark, log().logEndOffset());
    }

    /** Throws the log away and begins anew, where the leader's log starts. Blocks. */
    public void restartAt(long offset) {
        log().restartAt(offset);
        highWatermark = offset;
    }

    /**
     * A follower fetches: it has everything before {@code offset} on its disk, and its log is one
     * with this one up to there.
     *
     * @param nodeEpoch its registration; -1 if it does not say
     */
    public void fetchedBy(int follower, long nodeEpoch, long offset) {
        LeaderReplica leads = leader;
        if (leads != null) {
            raiseHighWatermark(leads.fetched(follower, nodeEpoch, offset, loop.nowMs()));
            if (!terms.inSyncReplicas().has(follower)) {
                wish();
            }
        }
    }

    /** Asks for others in sync if it is time; again if it is not known what became of that. */
    public void wish() {
        LeaderReplica leads = leader;
        if (leads != null && terms.replicas().size() > 1) {
            leads.wish(loop.nowMs(), replication.listener())
                    .ifPresent(wish -> replication.listener().wishes(this, wish));
        }
    }

    /** What it knows as the leader; null if it does not lead. */
    public @Nullable LeaderReplica leading() {
        return leader;
    }

    /** The controller has refused a wish for good. */
    public void refused(InSyncWish wish) {
        LeaderReplica leads = leader;
        if (leads != null) {
            raiseHighWatermark(leads.refused(wish));
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
        if (endedWith(waiter)) {
            return;
        }
        if (highWatermark() >= offset) {
            waiter.done(Commit.COMMITTED);
        } else {
            waits.untilCommitted(offset, waiter);
        }
    }

    /** Calls the waiter once everything before {@code offset} is on this broker's disk. */
    public void whenFlushed(long offset, CommitWaiter waiter) {
        if (endedWith(waiter)) {
            return;
        }
        if (log().flushedOffset() >= offset) {
            waiter.done(Commit.COMMITTED);
        } else {
            waits.untilFlushed(offset, waiter);
        }
    }

    boolean endedWith(CommitWaiter waiter) {
        if (deleted) {
            waiter.done(Commit.DELETED);
        } else if (offline) {
            waiter.done(Commit.OFFLINE);
        } else if (!isLed()) {
            waiter.done(Commit.NOT_LEADER);
        } else {
            return false;
        }
        return true;
    }

    /** A waiter has given up: it is not called any more. */
    public void forget(CommitWaiter waiter) {
        waits.forget(waiter);
    }

    /** Reads from the batch that holds {@code offset}, not past {@code endOffset} (exclusive). */
    public LogSlice read(long offset, long endOffset, int maxBytes, boolean atLeastOneBatch) {
        return log().read(offset, endOffset, maxBytes, atLeastOneBatch);
    }

    /** Calls the watcher once when the high watermark next rises or the partition goes away. */
    public void watch(AppendWatcher watcher) {
        waits.watch(watcher);
    }

    /** Calls the watcher once when something is next appended or the partition goes away. */
    public void watchAppends(AppendWatcher watcher) {
        waits.watchAppends(watcher);
    }

    /** Forgets a watcher; nothing happens if it is not registered. */
    public void unwatch(AppendWatcher watcher) {
        waits.unwatch(watcher);
    }

    @Override
    public OpenFiles openFiles() {
        return loop.openFiles();
    }

    @Override
    public void flushed(long offset) {
        waits.flushed(offset);
        LeaderReplica leads = leader;
        if (leads != null) {
            raiseHighWatermark(leads.flushed(offset));
        } else if (following != null) {
            raiseHighWatermark(FollowerReplica.highWatermark(committedByLeader, offset));
            replication.listener().flushed(this);
        }
    }

    @Override
    public void offline(StorageException cause) {
        offline = true;
        stopFollowing();
        LOG.error("{} is offline until a restart: {}", id, cause.getMessage());
        waits.end(Commit.OFFLINE);
        replication.listener().failed(this);
    }

    private void raiseHighWatermark(long offset) {
        if (offset <= highWatermark) {
            return;
        }
        highWatermark = offset;
        if (terms.replicas().size() > 1) {
            log().recordHighWatermark(offset);
        }
        waits.committed(offset);
    }

    /** Takes changed topic settings. */
    public void reconfigure(LogConfig config) {
        if (log != null) {
            log.reconfigure(config);
        }
    }

    /** Deletes the log. Whoever waits is told. */
    public void delete() {
        @Nullable PartitionLog current = isHosted() ? log() : log;
        deleted = true;
        stopFollowing();
        if (current != null) {
            current.delete();
        }
        waits.end(Commit.DELETED);
    }

    /** Closes the log cleanly. Blocks until it is flushed. */
    public void close() {
        PartitionLog current = log;
        if (current != null && !deleted) {
            current.close(loop.nowMs());
        }
    }
}
