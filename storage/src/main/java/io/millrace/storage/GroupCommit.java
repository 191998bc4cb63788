package io.millrace.storage;

import io.millrace.storage.disk.ShortageException;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentFile;
import io.millrace.storage.state.Checkpoint;
import io.millrace.storage.state.LogCommit;
import io.millrace.storage.state.LogSnapshot;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Group commit of one log: at most one sync in flight; what is appended meanwhile shares the next.
 * A sync may carry the checkpoint of the moment at which it began, which is stored once everything
 * in it is on disk, and files to be deleted after that. A sync that fails is never retried, because
 * the kernel may have dropped the pages; one that could not open what it has to sync is put off
 * until it is asked for again. Belongs to the log's owner; only {@link Job} runs on a flush thread.
 */
final class GroupCommit implements LogCommit {
    private final LogEnvironment env;
    private final LogState state;
    private final LogOwner owner;
    private final Set<Segment> dirty = new LinkedHashSet<>(2);
    private List<Path> doomed = new ArrayList<>(0);
    private List<Path> oldest = new ArrayList<>(0);
    private boolean folderDirty;
    private boolean behind;
    private boolean flushWanted;
    private boolean checkpointWanted;
    private boolean abandoned;
    private boolean putOff;
    private @Nullable CompletableFuture<Outcome> inFlight;
    private @Nullable Job jobInFlight;
    private int syncs;
    private long flushedOffset;
    private @Nullable StorageException failure;

    /**
     * What a sync came to.
     *
     * @param putOff whether it failed for want of files that may be open, with all data synced and
     *     some names not
     */
    private record Outcome(
            @Nullable StorageException failure, boolean putOff, boolean checkpointFailed) {}

    /** One sync: what it has to make durable, in this order. */
    private record Job(
            List<SegmentFile> files,
            boolean newFolder,
            boolean newFiles,
            @Nullable LogSnapshot snapshot,
            List<Path> doomed,
            List<Path> oldest,
            long target) {}

    GroupCommit(LogEnvironment env, LogState state, LogOwner owner) {
        this.env = env;
        this.state = state;
        this.owner = owner;
        this.flushedOffset = state.logEndOffset();
    }

    long flushedOffset() {
        return flushedOffset;
    }

    @Nullable StorageException failure() {
        return failure;
    }

    /** Notes that a segment has bytes, and perhaps the folder a name, that are not on disk. */
    void wrote(Segment segment, boolean newFile, long logEndOffset) {
        if (env.durability() == Durability.OS) {
            flushedOffset = logEndOffset;
        } else {
            segment.keepFileOpen();
        }
        dirty.add(segment);
        folderDirty |= newFile;
        behind = true;
    }

    @Override
    public void cut(Segment last) {
        flushedOffset = Math.min(flushedOffset, state.logEndOffset());
        if (last.isOnDisk()) {
            dirty.add(last);
        }
        folderDirty = true;
        behind = true;
    }

    @Override
    public void restarted() {
        dirty.clear();
        doomed = new ArrayList<>(0);
        oldest = new ArrayList<>(0);
        flushedOffset = state.logEndOffset();
        behind = true;
    }

    /** Notes that the log is no longer as the checkpoint says, if there is a place for one. */
    void changed() {
        behind |= state.hasFolder();
    }

    /** Whether the log has changed since its checkpoint was last taken. */
    boolean isBehind() {
        return behind;
    }

    @Override
    public void forget(Segment segment) {
        dirty.remove(segment);
    }

    /** Has all that was appended so far made durable, soon. */
    void request() {
        if (env.durability() == Durability.FSYNC && flushedOffset < state.logEndOffset()) {
            flushWanted = true;
            startIfIdle();
        }
    }

    /** Has a checkpoint stored, soon, once everything in it is durable. */
    void requestCheckpoint() {
        checkpointWanted = true;
        startIfIdle();
    }

    @Override
    public void deleteWithCheckpoint(List<Path> files) {
        doomed.addAll(files);
        behind = true;
        requestCheckpoint();
    }

    @Override
    public void deleteOldest(List<Path> files) {
        oldest.addAll(files);
        behind = true;
        requestCheckpoint();
    }

    private void startIfIdle() {
        if (inFlight != null || failure != null || abandoned) {
            return;
        }
        Job job = takeOrPutOff();
        if (job == null) {
            return;
        }
        var outcome = new CompletableFuture<Outcome>();
        inFlight = outcome;
        jobInFlight = job;
        int number = ++syncs;
        env.flushes()
                .submit(() -> {
                    outcome.complete(run(job));
                    owner.execute(() -> done(number, outcome.join(), job));
                });
    }

    /** Asks again for what was put off. */
    void resume() {
        if (flushWanted || checkpointWanted) {
            startIfIdle();
        }
    }

    /** Takes everything that waits to be made durable; null if that cannot be, or not now. */
    private @Nullable Job takeOrPutOff() {
        try {
            return take();
        } catch (ShortageException e) {
            noticePutOff(e);
        } catch (IOException e) {
            fail(new StorageException(state.folder(), "cannot open what is to be flushed", e));
        }
        return null;
    }

    private void noticePutOff(Exception cause) {
        if (!putOff) {
            putOff = true;
            env.events().noticed(state.folder(), "a sync is put off: " + cause.getMessage());
        }
    }

    /** Nothing is taken if it throws. */
    private Job take() throws IOException {
        LogSnapshot snapshot = checkpointWanted ? state.snapshot() : null;
        boolean newFolder = !state.isFolderMade() && !state.segments().isEmpty();
        var job =
                new Job(
                        takeDirty(snapshot),
                        newFolder,
                        folderDirty,
                        snapshot,
                        snapshot == null ? List.of() : doomed,
                        snapshot == null ? List.of() : oldest,
                        state.logEndOffset());
        flushWanted = false;
        folderDirty = false;
        if (snapshot != null) {
            checkpointWanted = false;
            behind = false;
            doomed = new ArrayList<>(0);
            oldest = new ArrayList<>(0);
        }
        return job;
    }

    private List<SegmentFile> takeDirty(@Nullable LogSnapshot snapshot) throws IOException {
        var files = new ArrayList<SegmentFile>(dirty.size());
        try {
            for (Segment segment : dirty) {
                files.add(segment.file().retain());
            }
        } catch (IOException e) {
            files.forEach(SegmentFile::release);
            if (snapshot != null) {
                snapshot.settle(false);
            }
            throw e;
        }
        dirty.forEach(Segment::fileMayClose);
        dirty.clear();
        return files;
    }

    /** Has a job done again: its files were synced, but not all names, or nothing at all. */
    private void putBack(Job job) {
        folderDirty |= job.newFiles();
        flushWanted = true;
        if (job.snapshot() != null) {
            job.snapshot().settle(false);
            checkpointWanted = true;
            behind = true;
            doomed.addAll(job.doomed());
            oldest.addAll(job.oldest());
        }
    }

    /** On a flush thread, or on the owner's when the log is closed. */
    private Outcome run(Job job) {
        try {
            for (SegmentFile file : job.files()) {
                file.disk().sync();
            }
            if (job.newFiles()) {
                env.disk().syncFolder(state.folder());
            }
            if (job.newFolder()) {
                env.disk().syncFolder(Objects.requireNonNull(state.folder().getParent()));
            }
            boolean stored = job.snapshot() == null || store(job.snapshot());
            delete(job.oldest());
            if (stored) {
                delete(job.doomed());
            }
            return new Outcome(null, false, !stored);
        } catch (IOException e) {
            return new Outcome(
                    new StorageException(state.folder(), "cannot flush", e),
                    e instanceof ShortageException,
                    false);
        } finally {
            job.files().forEach(SegmentFile::release);
        }
    }

    private boolean store(LogSnapshot snapshot) throws IOException {
        try {
            for (LogSnapshot.IndexFile index : snapshot.indexes()) {
                env.disk().replace(index.path(), index.content(), true);
            }
            env.disk()
                    .replace(
                            state.folder().resolve(Checkpoint.FILE_NAME),
                            snapshot.checkpoint(),
                            true);
            return true;
        } catch (ShortageException e) {
            env.events()
                    .noticed(
                            state.folder(),
                            "no checkpoint can be stored, and recovery takes longer: "
                                    + e.getMessage());
            return false;
        }
    }

    private void delete(List<Path> files) {
        for (Path file : files) {
            try {
                env.disk().delete(file);
            } catch (IOException e) {
                env.events().noticed(file, "could not be deleted: " + e);
            }
        }
    }

    private void done(int number, Outcome outcome, Job job) {
        if (number != syncs || inFlight == null) {
            return;
        }
        inFlight = null;
        if (abandoned) {
            return;
        }
        if (outcome.failure() != null) {
            if (outcome.putOff()) {
                boolean askedMeanwhile = flushWanted || checkpointWanted;
                noticePutOff(outcome.failure());
                putBack(job);
                if (askedMeanwhile) {
                    startIfIdle();
                }
            } else {
                fail(outcome.failure());
            }
            return;
        }
        putOff = false;
        settle(outcome, job);
        if (env.durability() == Durability.FSYNC) {
            flushedOffset = Math.max(flushedOffset, job.target());
            owner.flushed(flushedOffset);
        }
        flushWanted &= flushedOffset < state.logEndOffset();
        if (flushWanted || checkpointWanted) {
            startIfIdle();
        }
    }

    private void settle(Outcome outcome, Job job) {
        if (job.newFolder()) {
            state.folderMade();
        }
        if (job.snapshot() != null) {
            job.snapshot().settle(!outcome.checkpointFailed());
        }
        if (outcome.checkpointFailed()) {
            behind = true;
            doomed.addAll(job.doomed());
        }
    }

    /** Takes the log offline. */
    void fail(StorageException cause) {
        if (failure == null && !abandoned) {
            failure = cause;
            owner.offline(cause);
        }
    }

    /** The log is deleted: what is in flight no longer matters. */
    void abandon() {
        abandoned = true;
        dirty.clear();
    }

    /**
     * Makes everything durable on the calling thread, with a checkpoint. Blocks, also for what is
     * in flight.
     *
     * @return false if there was no room for the checkpoint
     * @throws StorageException if that fails, or what was in flight did
     */
    @Override
    public boolean syncNow() {
        awaitInFlight();
        checkpointWanted = true;
        Job job;
        try {
            job = take();
        } catch (IOException e) {
            var failed = new StorageException(state.folder(), "cannot flush", e);
            fail(failed);
            throw failed;
        }
        Outcome outcome = run(job);
        if (outcome.failure() != null) {
            fail(outcome.failure());
            throw outcome.failure();
        }
        settle(outcome, job);
        flushedOffset = job.target();
        return !outcome.checkpointFailed();
    }

    /**
     * Waits for the sync in flight. Blocks.
     *
     * @throws StorageException if it fails
     */
    @Override
    public void awaitInFlight() {
        CompletableFuture<Outcome> running = inFlight;
        Job job = jobInFlight;
        if (running == null || job == null) {
            return;
        }
        inFlight = null;
        Outcome outcome = running.join();
        if (outcome.putOff()) {
            putBack(job);
            return;
        }
        if (outcome.failure() != null) {
            fail(outcome.failure());
            throw outcome.failure();
        }
        settle(outcome, job);
    }
}
