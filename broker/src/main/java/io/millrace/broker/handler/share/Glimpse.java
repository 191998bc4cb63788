package io.millrace.broker.handler.share;

import io.millrace.broker.queue.model.Acquisition.Found;
import java.util.NavigableMap;

/**
 * What a look into the log has found.
 *
 * @param batches every batch that was seen, by base offset
 * @param logStart where the log starts
 */
record Glimpse(Found found, NavigableMap<Long, Batch> batches, long logStart) {
    /** A batch and its size. */
    record Batch(long base, long last, int sizeBytes) {}

    /** Whether there is nothing to acquire and nothing to pass over. */
    boolean isEmpty() {
        return found.offered().isEmpty()
                && found.gone().isEmpty()
                && found.scan().to() <= found.scan().from();
    }
}
