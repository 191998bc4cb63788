package io.millrace.storage;

import java.nio.ByteBuffer;

/** Work on a log that takes long: planned on its owner's thread, run off it, and finished on it. */
public interface BackgroundWork {
    /**
     * Does it, once. On any thread that may block for long.
     *
     * @throws StorageException if the disk fails; {@link #finish} is due all the same
     */
    void run();

    /**
     * Puts in place what came of it; nothing if it failed. On the owner's thread.
     *
     * @return a few words on what was done; empty if there is nothing to tell
     * @throws StorageException if the disk fails
     */
    String finish();

    /**
     * A range that is bad here is fetched from another replica: what that has goes to {@link #take}
     * until {@link #isComplete}; then the work is to be run and finished. All but {@link #run} on
     * the owner's thread.
     */
    interface Repair extends BackgroundWork {
        /** The first offset that is still missing. */
        long nextOffset();

        boolean isComplete();

        /** Whether it is not of the range, but of a batch beside it that makes it look bad. */
        boolean isOfNeighbour();

        /**
         * Takes batches of the other replica from {@link #nextOffset} on, all of them committed.
         *
         * @param batches as for {@link PartitionLog#appendAsReplica}; those past the range are
         *     ignored
         * @return why they are not taken: the repair is over then; empty if they are
         * @throws StorageException if the disk fails
         */
        String take(ByteBuffer batches);

        /** Gives up; all stays as it is. Not after {@link #run}. */
        void abandon();
    }
}
