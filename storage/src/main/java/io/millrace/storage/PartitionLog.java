package io.millrace.storage;

import io.millrace.storage.batch.EpochEnd;
import io.millrace.storage.batch.TimestampedOffset;
import io.millrace.storage.batch.Verdict;
import io.millrace.storage.disk.DiskFullException;
import io.millrace.storage.flush.FolderDeletion;
import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.plan.RetentionPlan;
import io.millrace.storage.producer.ProducerStates.ActiveProducer;
import io.millrace.storage.producer.Verification;
import io.millrace.storage.recovery.Finding;
import io.millrace.storage.recovery.LogRecovery;
import io.millrace.storage.recovery.LogRestart;
import io.millrace.storage.recovery.LogTruncation;
import io.millrace.storage.segment.RecentBatches;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentHome;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The log of one partition: append-only segments of record batches in one folder. Every method runs
 * on the owner's thread and may block for a file operation; nothing appended is durable before
 * {@link LogOwner#flushed} says so (under {@link Durability#OS}: at once, and it survives the
 * process only). Mutable, for the sake of the produce and fetch paths.
 */
public final class PartitionLog {
    private static final long TICK_MS = 5_000;

    /** A segment of the usual size has a summary of its producers for each 32 MiB. */
    private static final int SUMMARIES_PER_SEGMENT = 32;

    private final LogEnvironment env;
    private final LogState state;
    private final GroupCommit commit;
    private final RecentBatches recent = new RecentBatches();
    private final LogReader reader;
    private final SegmentRolls rolls;
    private final LogAppender appender;
    private final ReplicaAppender replica;
    private final LogUpkeep upkeep;
    private final LogTransactions transactions;
    private final OptionalLong openedHighWatermark;
    private LogConfig config;
    private long lastTickMs;

    /** Where a batch comes from, and so how far it is trusted. */
    public enum Origin {
        /** A producer: everything is checked. */
        CLIENT,
        /** This broker's own coordinators: offsets are assigned, nothing is checked. */
        COORDINATOR
    }

    /**
     * What an append needs to know.
     *
     * @param nowMs the broker's time, milliseconds since the epoch
     * @param verification what the coordinator was asked of, for the first of a transaction here
     */
    public record AppendRequest(
            Origin origin, int leaderEpoch, long nowMs, @Nullable Verification verification) {
        public AppendRequest(Origin origin, int leaderEpoch, long nowMs) {
            this(origin, leaderEpoch, nowMs, null);
        }
    }

    /** What an append came to. */
    public sealed interface AppendResult {
        /**
         * The batch is in the log, not yet durable.
         *
         * @param logAppendTimeMs the time it was given; -1 if it keeps the producer's
         */
        record Appended(long firstOffset, long lastOffset, long logAppendTimeMs)
                implements AppendResult {}

        /** The batch was in the log already: one of its producer's last five. */
        record Duplicate(long firstOffset, long lastOffset, long timestampMs)
                implements AppendResult {}

        /** The batch is not in the log. */
        record Refused(Refusal reason, String message, List<Verdict.RecordError> recordErrors)
                implements AppendResult {
            Refused(Refusal reason, String message) {
                this(reason, message, List.of());
            }
        }
    }

    /** Why a batch was refused. */
    public enum Refusal {
        CORRUPT,
        INVALID_RECORD,
        TOO_LARGE,
        INVALID_TIMESTAMP,
        OUT_OF_ORDER_SEQUENCE,
        INVALID_PRODUCER_EPOCH,
        /** The producer's transaction is not open, or not known to be. */
        NOT_IN_TRANSACTION,
        /** The disk is full, or nearly. May heal. */
        DISK_FULL,
        /** No more files may be open. May heal. */
        TOO_MANY_FILES,
        /** The log failed earlier. */
        OFFLINE
    }

    private PartitionLog(
            LogEnvironment env, LogState state, LogConfig config, LogOwner owner, long nowMs) {
        this.env = env;
        this.state = state;
        this.config = config;
        this.commit = new GroupCommit(env, state, owner);
        this.upkeep = new LogUpkeep(env, state, commit, recent, nowMs);
        this.reader = new LogReader(state, recent, upkeep::quarantine);
        this.rolls = new SegmentRolls(env, state, recent, config.segment());
        this.appender = new LogAppender(env, state, commit, recent, rolls, config);
        this.replica = new ReplicaAppender(env, state, commit, recent, rolls);
        this.transactions = new LogTransactions(env, state, appender);
        this.openedHighWatermark = state.boundedHighWatermark();
        this.lastTickMs = nowMs;
    }

    /**
     * Opens the log in a folder, which need not exist: it is made by the first append. Blocks while
     * what a crash has left is put in order; what is there afterwards is durable.
     *
     * @throws StorageException if the folder cannot be read or mended
     */
    public static PartitionLog open(
            LogEnvironment env, Path folder, LogConfig config, LogOwner owner, long nowMs) {
        var home =
                new SegmentHome(
                        env.disk(),
                        folder,
                        new Quarantine(),
                        owner.openFiles(),
                        config.segment().indexIntervalBytes(),
                        config.segment().bytes() / SUMMARIES_PER_SEGMENT);
        var recovery =
                new LogRecovery(
                        home, config.retention().compact(), env.durability() == Durability.FSYNC);
        try {
            var log = new PartitionLog(env, recovery.recover(), config, owner, nowMs);
            if (recovery.foundUnclean() && !log.upkeep.settle() && recovery.foundRestart()) {
                throw new StorageException(folder, "has no room for a new checkpoint", null);
            }
            return log;
        } catch (IOException e) {
            throw new StorageException(folder, "cannot open the log", e);
        } finally {
            recovery.findings().forEach(finding -> tell(env.events(), folder, finding));
        }
    }

    private static void tell(LogEvents events, Path folder, Finding finding) {
        switch (finding) {
            case Finding.TailCut(Path segment, long position, long bytesCut) ->
                    events.tailTruncated(segment, position, bytesCut);
            case Finding.Quarantined(Quarantine.Range range) -> events.quarantined(folder, range);
            case Finding.Noticed(Path path, String what) -> events.noticed(path, what);
        }
    }

    /** Appends one batch: all bytes between the buffer's position and limit, edited in place. */
    public AppendResult append(ByteBuffer records, AppendRequest request) {
        return appender.append(records, request);
    }

    /**
     * Appends batches that were fetched from the leader, exactly as they are, with the effects that
     * they had there: rolls, index entries, epochs, producers, transactions. For a follower. The
     * first has to begin at the log's end or, after a gap, past it. One that begins before and ends
     * behind it is taken only by a log that starts in the middle of it and is empty; else it cannot
     * be, as truncation cuts whole batches, and is refused.
     *
     * @param batches one or more between position and limit, of which the last may come in part and
     *     is ignored then; the buffer stays as it is
     * @param nowMs the broker's time, milliseconds since the epoch
     */
    public ReplicaAppend appendAsReplica(ByteBuffer batches, long nowMs) {
        return replica.append(batches, nowMs);
    }

    /**
     * Says that a leader epoch begins at the log's end, though it has no batch yet (KIP-101). Kept
     * by the next checkpoint; nothing happens if the epoch, or a newer one, has begun already.
     */
    public void beginEpoch(int epoch) {
        if (state.epochs().begin(epoch, logEndOffset())) {
            commit.changed();
        }
    }

    /** Records the high watermark, at most the log end, for the next checkpoint; writes nothing. */
    public void recordHighWatermark(long offset) {
        long known = Math.min(offset, logEndOffset());
        state.producers().firstUnstableOffset(known);
        if (known != state.highWatermark()) {
            state.highWatermark(known);
            commit.changed();
        }
    }

    /**
     * The high watermark that the checkpoint held when the log was opened, within the bounds that
     * the log had then; empty if it held none.
     */
    public OptionalLong checkpointedHighWatermark() {
        return openedHighWatermark;
    }

    /** The log's transactions: who may begin one, how they end, what readers have to skip. */
    public LogTransactions transactions() {
        return transactions;
    }

    /** Has all that was appended so far made durable; {@link LogOwner#flushed} follows. */
    public void requestFlush() {
        commit.request();
    }

    /**
     * Reads whole batches from the one that holds {@code offset}; the last may come in part.
     *
     * @param endOffset exclusive; nothing at or past it is read
     * @param maxBytes most bytes wanted
     * @param atLeastOneBatch whether one batch may be larger than that
     * @return empty at the end of the log; the caller releases it
     * @throws OffsetOutOfRangeException if the offset is before the start or after the end
     * @throws CorruptRangeException if it lies in a quarantined range
     */
    public LogSlice read(long offset, long endOffset, int maxBytes, boolean atLeastOneBatch) {
        if (offset < state.logStartOffset() || offset > logEndOffset()) {
            throw new OffsetOutOfRangeException(
                    state.folder(), offset, state.logStartOffset(), logEndOffset());
        }
        if (offset >= Math.min(endOffset, logEndOffset())) {
            return LogSlice.empty();
        }
        try {
            return reader.read(offset, endOffset, maxBytes, atLeastOneBatch, lastTickMs);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot read", e);
        }
    }

    public long logStartOffset() {
        return state.logStartOffset();
    }

    /** The offset that the next record gets. */
    public long logEndOffset() {
        return state.logEndOffset();
    }

    /** Everything before this offset is as durable as it is to be. */
    public long flushedOffset() {
        return commit.flushedOffset();
    }

    public long sizeBytes() {
        return state.sizeBytes();
    }

    /** The newest leader epoch in the log; -1 if it has none. */
    public int latestEpoch() {
        return state.epochs().latest();
    }

    /** The leader epoch of the record at an offset; -1 if not known. */
    public int epochAt(long offset) {
        return state.epochs().epochAt(offset);
    }

    /** The first record whose timestamp is not before {@code timestampMs}. Exact. */
    public Optional<TimestampedOffset> offsetForTimestamp(long timestampMs, long endOffset) {
        try {
            return reader.firstAtOrAfter(timestampMs, endOffset);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot search by time", e);
        }
    }

    /** The first of the records with the largest timestamp. */
    public Optional<TimestampedOffset> offsetOfMaxTimestamp(long endOffset) {
        try {
            return reader.ofMaxTimestamp(endOffset);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot search by time", e);
        }
    }

    /** Where an epoch ends, or the largest one before it (KIP-101, KIP-279). */
    public EpochEnd endOfEpoch(int epoch) {
        LeaderEpochs.Start end = state.epochs().endOf(epoch, logEndOffset());
        return new EpochEnd(end.epoch(), end.offset());
    }

    /** Whether old records go by compaction alone, so that none may be deleted by their offset. */
    public boolean isOnlyCompacted() {
        return config.retention().compact() && !config.retention().delete();
    }

    /**
     * Raises the log start; records before it are no longer served, and their segments are deleted
     * by {@link #retain}. Durable soon after.
     *
     * @return the log start
     */
    public long deleteRecordsBefore(long offset) {
        long start = Math.min(offset, logEndOffset());
        if (start > state.logStartOffset()) {
            upkeep.raiseLogStart(start);
            commit.requestCheckpoint();
        }
        return state.logStartOffset();
    }

    /**
     * Follows the leader's log start: as {@link #deleteRecordsBefore}, but where the offset lies
     * past the log's end, as {@link #restartAt}, which blocks.
     *
     * @return the log start
     */
    public long raiseLogStart(long offset) {
        if (offset > logEndOffset()) {
            restartAt(offset);
        }
        return deleteRecordsBefore(offset);
    }

    public List<ActiveProducer> activeProducers() {
        return state.producers().active();
    }

    /** Ranges that are not served, though they lie past the log start. */
    public List<Quarantine.Range> quarantined() {
        return state.quarantine().all().stream()
                .filter(range -> range.endOffset() > state.logStartOffset())
                .toList();
    }

    /**
     * The repair of a range that {@link #quarantined} tells, which has to be committed. At most one
     * at a time; empty while one is under way, or this one cannot be repaired: it has no bytes
     * left, or not all before it is flushed.
     */
    public Optional<BackgroundWork.Repair> planRepair(Quarantine.Range range) {
        try {
            return upkeep.planRepair(range, rolls);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot begin a repair", e);
        }
    }

    /** A pass over every closed segment that finds changed bits, and quarantines them. */
    public BackgroundWork planVerification() {
        try {
            return upkeep.planVerification(upkeep::quarantine);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot verify", e);
        }
    }

    /** Does what time asks for: closes idle files, forgets producers, takes the checkpoint. */
    public void tick(long nowMs) {
        if (nowMs - lastTickMs < TICK_MS) {
            return;
        }
        lastTickMs = nowMs;
        upkeep.tick(nowMs);
    }

    /** Deletes the oldest segments that are past the retention limits; returns how many. */
    public int retain(long nowMs, long highWatermark) {
        return retain(config.retention().limits(), nowMs, highWatermark);
    }

    /** Deletes the segments before the log start, whatever the retention limits say of others. */
    public void deleteBeforeStart(long nowMs, long highWatermark) {
        retain(RetentionPlan.Limits.NONE, nowMs, highWatermark);
    }

    private int retain(RetentionPlan.Limits limits, long nowMs, long highWatermark) {
        if (state.segments().isEmpty()) {
            return 0;
        }
        try {
            return upkeep.retain(limits, nowMs, highWatermark, rolls);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot delete old segments", e);
        }
    }

    /**
     * A compaction that is worth running now. At most one at a time.
     *
     * @param keyMemoryBytes memory that its keys may take
     */
    public Optional<BackgroundWork> planCompaction(
            long nowMs, long highWatermark, long keyMemoryBytes) {
        try {
            return upkeep.planCompaction(config.retention(), nowMs, highWatermark, keyMemoryBytes);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot plan a compaction", e);
        }
    }

    /** Takes changed settings; they hold from the next append on. */
    public void reconfigure(LogConfig changed) {
        config = changed;
        appender.reconfigure(changed);
        rolls.reconfigure(changed.segment());
    }

    /**
     * Cuts off everything from an offset on (KIP-101): the batch that holds it goes too, and an
     * epoch that was to begin there. Where the log starts behind it, it starts anew there. Blocks
     * until that is durable; if it fails, the log goes offline.
     *
     * @return the log end, at most {@code offset}
     */
    public long truncateTo(long offset) {
        if (offset < state.logStartOffset()) {
            restartAt(offset);
        }
        try {
            if (offset < logEndOffset()) {
                new LogTruncation(env.disk(), state, commit).truncateTo(offset);
                recent.clear();
            } else if (state.epochs().truncateTo(logEndOffset()) && state.hasFolder()) {
                commit.syncNow();
            }
            return logEndOffset();
        } catch (IOException e) {
            throw failed("cannot truncate", e);
        }
    }

    /**
     * Throws everything away and starts an empty log at an offset, for a follower that has nothing
     * of its leader's. Blocks until that is durable; a crash leaves the old log or the empty one.
     * If it fails for another reason than a full disk, the log goes offline.
     */
    public void restartAt(long offset) {
        try {
            new LogRestart(env.disk(), state, commit).restartAt(offset);
            recent.clear();
        } catch (DiskFullException e) {
            throw new StorageException(state.folder(), "no room to start anew", e);
        } catch (IOException e) {
            throw failed("cannot start anew", e);
        }
    }

    private StorageException failed(String what, IOException cause) {
        var failure = new StorageException(state.folder(), what, cause);
        commit.fail(failure);
        return failure;
    }

    /** Closes the log cleanly: flushed, indexed, its state stored. Blocks. */
    public void close(long nowMs) {
        try {
            if (commit.failure() == null && commit.isBehind()) {
                commit.syncNow();
                for (Segment segment : state.segments().values()) {
                    segment.storeIndex();
                }
            }
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot close the log cleanly", e);
        } finally {
            state.segments().values().forEach(Segment::releaseFile);
        }
    }

    /** Deletes the log. The folder is renamed at once, and its files go in the background. */
    public void delete() {
        commit.abandon();
        state.segments().values().forEach(Segment::releaseFile);
        try {
            new FolderDeletion(env.disk(), env.flushes(), env.events()::noticed)
                    .delete(state.folder());
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot delete the log", e);
        }
    }
}
