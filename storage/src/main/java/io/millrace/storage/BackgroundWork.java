package io.millrace.storage;

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
}
