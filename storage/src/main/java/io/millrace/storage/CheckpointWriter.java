package io.millrace.storage;

import io.millrace.storage.disk.Disk;
import java.io.IOException;

/** Keeps a log's checkpoint file. Belongs to the log's owner. */
final class CheckpointWriter {
    private final Disk disk;
    private final LogState state;
    private final GroupCommit commit;
    private boolean behind;
    private boolean unclean;

    CheckpointWriter(Disk disk, LogState state, GroupCommit commit) {
        this.disk = disk;
        this.state = state;
        this.commit = commit;
    }

    /** Notes that the log is no longer as the file says. */
    void changed() {
        behind = true;
    }

    /** Whether the log has changed since the file was written. */
    boolean isBehind() {
        return behind;
    }

    /** Whether the log was written to since it was opened. */
    boolean isUnclean() {
        return unclean;
    }

    /** The first write after a clean start takes back the file's word that all is known. */
    void markUnclean() throws IOException {
        if (!unclean) {
            unclean = true;
            disk.createFolder(state.folder);
            write(false, false);
        }
    }

    /**
     * Writes the file.
     *
     * @param clean whether the log is closed, and all that is known of it is in the file
     * @param durable whether it is on disk when this returns
     */
    void write(boolean clean, boolean durable) throws IOException {
        state.recoveryOffset = Math.max(state.logStartOffset, commit.flushedOffset());
        disk.replace(
                state.folder.resolve(Checkpoint.FILE_NAME),
                state.checkpoint(clean).encode(),
                durable);
        behind = false;
    }
}
