package io.millrace.broker.coordinator;

import io.millrace.broker.queue.model.IndexMemory;
import java.util.concurrent.atomic.AtomicLong;

/** A bound for all backlogs of a broker together. Thread-safe. */
final class IndexBudget implements IndexMemory {
    private static final int PART_OF_HEAP = 4;
    private static final long ALWAYS_BYTES = 256 * 1024;

    private final AtomicLong usedBytes = new AtomicLong();
    private final long mostBytes;

    IndexBudget(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** A quarter of the heap: snapshots, and all else that a broker does, need room too. */
    static IndexBudget ofHeap() {
        return new IndexBudget(Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    }

    @Override
    public void add(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    @Override
    public boolean mayGrow(long ownBytes) {
        return ownBytes < ALWAYS_BYTES || usedBytes.get() < mostBytes;
    }
}
