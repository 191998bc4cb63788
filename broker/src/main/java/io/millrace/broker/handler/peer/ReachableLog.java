package io.millrace.broker.handler.peer;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** A partition's log, wherever it is led. Thread-safe; never blocks. */
public interface ReachableLog {
    /**
     * Reads whole batches, the first of which holds an offset or is the next after it; empty if
     * there is none, or it cannot be read and never will be. Fails if it may be read later.
     */
    CompletableFuture<ByteBuffer> batchesFrom(long offset);

    /**
     * Appends a batch; done when it is committed. If it fails, the batch may be there all the same.
     * With {@link org.apache.kafka.common.errors.RecordTooLargeException} it is too large and is
     * not.
     */
    CompletableFuture<Void> append(ByteBuffer batch);
}
