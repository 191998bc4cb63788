package io.millrace.storage;

import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Group commit of one log: at most one sync in flight; what is appended meanwhile shares the next.
 * A sync that fails is never retried, because the kernel may have dropped the pages. Belongs to the
 * log's owner; only {@link #sync} runs on a flush thread.
 */
final class GroupCommit {
    private final LogEnvironment env;
    private final Path folder;
    private final LogOwner owner;
    private final Set<Segment> dirty = new LinkedHashSet<>(2);
    private boolean folderDirty;
    private boolean inFlight;
    private boolean wantedAgain;
    private long flushedOffset;
    private @Nullable StorageException failure;

    GroupCommit(LogEnvironment env, Path folder, LogOwner owner, long flushedOffset) {
        this.env = env;
        this.folder = folder;
        this.owner = owner;
        this.flushedOffset = flushedOffset;
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
            return;
        }
        dirty.add(segment);
        folderDirty |= newFile;
    }

    /** Forgets a segment that is being deleted. */
    void forget(Segment segment) {
        dirty.remove(segment);
    }

    /** Starts a sync of all that was appended so far, or has one follow that in flight. */
    void request(long logEndOffset) {
        if (failure != null || env.durability() == Durability.OS || flushedOffset >= logEndOffset) {
            return;
        }
        if (inFlight) {
            wantedAgain = true;
            return;
        }
        List<SegmentFile> files;
        try {
            files = takeDirty();
        } catch (IOException e) {
            fail(new StorageException(folder, "cannot open a segment to flush it", e));
            return;
        }
        boolean syncFolder = folderDirty;
        folderDirty = false;
        inFlight = true;
        env.flushes().submit(() -> sync(files, syncFolder, logEndOffset));
    }

    private List<SegmentFile> takeDirty() throws IOException {
        var files = new ArrayList<SegmentFile>(dirty.size());
        for (Segment segment : dirty) {
            files.add(segment.file().retain());
        }
        dirty.clear();
        return files;
    }

    private void sync(List<SegmentFile> files, boolean syncFolder, long target) {
        StorageException failed = null;
        try {
            for (SegmentFile file : files) {
                file.disk().sync();
            }
            if (syncFolder) {
                env.disk().syncFolder(folder);
            }
        } catch (IOException e) {
            failed = new StorageException(folder, "cannot flush", e);
        } finally {
            files.forEach(SegmentFile::release);
        }
        StorageException outcome = failed;
        owner.execute(() -> done(target, outcome));
    }

    private void done(long target, @Nullable StorageException failed) {
        inFlight = false;
        if (failed != null) {
            fail(failed);
            return;
        }
        flushedOffset = Math.max(flushedOffset, target);
        boolean again = wantedAgain;
        wantedAgain = false;
        owner.flushed(flushedOffset);
        if (again && !dirty.isEmpty()) {
            request(dirtyEnd());
        }
    }

    private long dirtyEnd() {
        long end = flushedOffset;
        for (Segment segment : dirty) {
            end = Math.max(end, segment.nextOffset());
        }
        return end;
    }

    /** Takes the log offline. */
    void fail(StorageException cause) {
        if (failure == null) {
            failure = cause;
            owner.offline(cause);
        }
    }

    /** Syncs on the calling thread; blocks. */
    void syncNow(long logEndOffset) throws IOException {
        for (SegmentFile file : takeDirty()) {
            try {
                file.disk().sync();
            } finally {
                file.release();
            }
        }
        if (folderDirty) {
            env.disk().syncFolder(folder);
            folderDirty = false;
        }
        flushedOffset = logEndOffset;
    }
}
