package io.millrace.storage;

import io.millrace.storage.disk.OpenFiles;
import java.util.concurrent.Executor;

/** Who owns a log: runs its tasks one at a time, and is told of what happens behind its back. */
public interface LogOwner extends Executor {
    /** The files that this owner keeps open, for all of its logs together. */
    default OpenFiles openFiles() {
        return OpenFiles.unlimited();
    }

    /** Everything before {@code offset} is as durable as it is to be. On the owner's thread. */
    void flushed(long offset);

    /** The log failed and takes no more writes until it is opened again. On the owner's thread. */
    void offline(StorageException cause);
}
