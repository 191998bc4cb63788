package io.millrace.storage;

import java.util.concurrent.Executor;

/** Who owns a log: runs its tasks one at a time, and is told of what happens behind its back. */
public interface LogOwner extends Executor {
    /** Everything before {@code offset} is as durable as it is to be. On the owner's thread. */
    void flushed(long offset);

    /** The log failed and takes no more writes until it is opened again. On the owner's thread. */
    void offline(StorageException cause);
}
