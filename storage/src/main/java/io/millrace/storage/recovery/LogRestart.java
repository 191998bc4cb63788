package io.millrace.storage.recovery;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.producer.ProducerStates;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentNames;
import io.millrace.storage.state.Checkpoint;
import io.millrace.storage.state.LogCommit;
import io.millrace.storage.state.LogState;
import io.millrace.storage.state.RewrittenSegments;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Throws a log away and starts an empty one at an offset. The step that decides is the rename of a
 * checkpoint that says so: a crash before it leaves the old log, and recovery after it deletes what
 * is left of that. Belongs to the log's owner.
 */
public final class LogRestart {
    private final Disk disk;
    private final LogState state;
    private final LogCommit commit;

    public LogRestart(Disk disk, LogState state, LogCommit commit) {
        this.disk = disk;
        this.state = state;
        this.commit = commit;
    }

    /**
     * Does it. Durable on return.
     *
     * @throws io.millrace.storage.disk.DiskFullException if there is no room: all is as before
     */
    public void restartAt(long offset) throws IOException {
        commit.awaitInFlight();
        Path folder = state.folder();
        disk.createFolder(folder);
        disk.syncFolder(Objects.requireNonNull(folder.getParent()));
        state.folderMade();
        var empty = Checkpoint.restartingAt(offset, new ProducerStates().snapshot());
        disk.replace(folder.resolve(Checkpoint.FILE_NAME), empty.encode(), true);
        state.segments().values().forEach(Segment::releaseFile);
        state.restartAt(offset);
        commit.restarted();
        clear(disk, folder);
        if (!commit.syncNow()) {
            throw new IOException("no room to say that the old log is gone");
        }
    }

    /** Deletes everything of the log but the checkpoint, durably. Files of others stay. */
    static void clear(Disk disk, Path folder) throws IOException {
        for (String name : disk.list(folder)) {
            if (SegmentNames.isOfSegment(name) || name.equals(RewrittenSegments.FILE_NAME)) {
                disk.delete(folder.resolve(name));
            }
        }
        disk.syncFolder(folder);
    }
}
