package io.millrace.broker.loop;

/** Told once, on the partition's loop, when what it waits for is committed or never will be. */
@FunctionalInterface
public interface CommitWaiter {
    /** The wait is over. */
    void done(Commit outcome);

    /** How a wait for the high watermark ends. */
    enum Commit {
        /** The high watermark covers it: on disk here, and on every in-sync replica. */
        COMMITTED,
        /** The log went offline: whether the records survive is unknown. */
        OFFLINE,
        /** The partition was deleted. */
        DELETED,
        /** Another broker leads it now: whether the records survive is unknown. */
        NOT_LEADER
    }
}
