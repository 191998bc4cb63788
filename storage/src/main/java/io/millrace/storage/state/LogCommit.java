package io.millrace.storage.state;

import io.millrace.storage.segment.Segment;
import java.nio.file.Path;
import java.util.List;

/** Makes changes of a log durable, for those who cut, rewrite or drop parts of it. */
public interface LogCommit {
    /** Forgets a segment that is being deleted. */
    void forget(Segment segment);

    /** Notes that the log was cut, and ends with this segment now. */
    void cut(Segment last);

    /** Has files deleted once a checkpoint is stored that does not need them. */
    void deleteWithCheckpoint(List<Path> files);

    /**
     * The same of the oldest segments, which go, oldest first, even if there is no room for a
     * checkpoint: recovery takes the first that is there for the log's start.
     */
    void deleteOldest(List<Path> files);

    /** Waits for the sync in flight. Blocks. Throws if that sync failed. */
    void awaitInFlight();

    /**
     * Makes everything durable on the calling thread, with a checkpoint. Blocks.
     *
     * @return false if there was no room for the checkpoint
     */
    boolean syncNow();

    /** Notes that the log is empty, durably, and what was to be made durable is gone. */
    void restarted();
}
