package io.millrace.storage;

import io.millrace.storage.ReplicaAppend.Reason;
import io.millrace.storage.ReplicaAppend.Refused;
import io.millrace.storage.batch.FetchedBatches;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.disk.DiskFullException;
import io.millrace.storage.disk.ShortageException;
import io.millrace.storage.recovery.ProducerReplay;
import io.millrace.storage.segment.LostIndexException;
import io.millrace.storage.segment.RecentBatches;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The way of fetched batches into a follower's log: as they are, one write for each run of them
 * that goes to the same segment, with the effects that they had at their leader. Mutable, for the
 * sake of the fetch path; belongs to the log's owner.
 */
final class ReplicaAppender {
    private final LogEnvironment env;
    private final LogState state;
    private final GroupCommit commit;
    private final RecentBatches recent;
    private final SegmentRolls rolls;
    private final ProducerReplay producers;
    private final RecordBatchView view = new RecordBatchView();

    ReplicaAppender(
            LogEnvironment env,
            LogState state,
            GroupCommit commit,
            RecentBatches recent,
            SegmentRolls rolls) {
        this.env = env;
        this.state = state;
        this.commit = commit;
        this.recent = recent;
        this.rolls = rolls;
        this.producers = ProducerReplay.live(state);
    }

    /** Batches side by side that go to the active segment in one write; empty at first. */
    private static final class Run {
        int from;
        int bytes;
        long firstTimestampMs;
    }

    ReplicaAppend append(ByteBuffer fetched, long nowMs) {
        StorageException failure = commit.failure();
        if (failure != null) {
            return refused(Reason.OFFLINE, String.valueOf(failure.getMessage()));
        }
        if (env.reserve().isExhausted()) {
            return refused(Reason.DISK_FULL, "the disk is full up to its reserve");
        }
        try {
            return appendAll(
                    new FetchedBatches(
                            fetched,
                            state.logEndOffset(),
                            state.writtenEnd(),
                            state.epochs().latest()),
                    nowMs);
        } catch (ShortageException e) {
            return refused(Reason.DISK_FULL, "writing resumes by itself: " + e.getMessage());
        } catch (IOException e) {
            var failed = new StorageException(state.folder(), "cannot append", e);
            commit.fail(failed);
            return refused(Reason.OFFLINE, String.valueOf(failed.getMessage()));
        }
    }

    private Refused refused(Reason reason, String message) {
        return new Refused(reason, message, state.logEndOffset());
    }

    private ReplicaAppend appendAll(FetchedBatches batches, long nowMs) throws IOException {
        var run = new Run();
        int count = 0;
        FetchedBatches.Step step = batches.next();
        while (step == FetchedBatches.Step.BATCH) {
            take(batches, run, nowMs);
            count++;
            step = batches.next();
        }
        write(batches.bytes(), run, nowMs);
        Reason bad = reasonOf(step);
        return bad == null
                ? new ReplicaAppend.Appended(count, state.logEndOffset())
                : refused(bad, batches.message());
    }

    private static @Nullable Reason reasonOf(FetchedBatches.Step last) {
        return switch (last) {
            case BATCH, END -> null;
            case CORRUPT -> Reason.CORRUPT;
            case OFFSET_BEFORE_END -> Reason.OFFSET_BEFORE_END;
            case EPOCH_BEFORE_LATEST -> Reason.EPOCH_BEFORE_LATEST;
        };
    }

    private void take(FetchedBatches batches, Run run, long nowMs) throws IOException {
        RecordBatchView batch = batches.batch();
        int size = batch.sizeBytes();
        if (run.bytes > 0 && rolls.isDue(batch, size, run.bytes, run.firstTimestampMs)) {
            write(batches.bytes(), run, nowMs);
        }
        if (run.bytes == 0) {
            rolls.rollIfDue(batch, size);
            run.from = batch.position();
            run.firstTimestampMs = batch.maxTimestamp();
        }
        run.bytes += size;
    }

    private void write(ByteBuffer source, Run run, long nowMs) throws IOException {
        if (run.bytes == 0) {
            return;
        }
        ByteBuffer bytes = source.duplicate().limit(run.from + run.bytes).position(run.from);
        run.bytes = 0;
        Segment active = state.active();
        long position = active.sizeBytes();
        active.touch(nowMs);
        active.transactions().load();
        boolean newFile = writeTo(active, bytes);
        commit.wrote(active, newFile, active.nextOffset());
        try {
            remember(active, bytes, position);
        } catch (ShortageException e) {
            // What is written cannot be refused.
            throw new IOException("cannot take in what was written", e);
        }
    }

    private boolean writeTo(Segment active, ByteBuffer bytes) throws IOException {
        try {
            return active.append(bytes, view);
        } catch (DiskFullException e) {
            active.repairTail();
            throw e;
        }
    }

    private void remember(Segment active, ByteBuffer bytes, long position) throws IOException {
        boolean lostIndex = false;
        for (int at = bytes.position(); at < bytes.limit(); at += view.sizeBytes()) {
            view.wrap(bytes, at);
            recent.add(
                    view.baseOffset(),
                    view.partitionLeaderEpoch(),
                    position + at - bytes.position());
            state.beganBy(view.partitionLeaderEpoch(), view.baseOffset());
            try {
                producers.apply(active, view);
            } catch (LostIndexException e) {
                lostIndex = true;
            }
        }
        if (lostIndex) {
            env.events().noticed(state.folder(), "an index of aborted transactions is made again");
            ProducerReplay.abortedAnew(state);
        }
    }
}
