package io.millrace.cluster.quorum.raft;

import java.nio.ByteBuffer;
import org.apache.kafka.common.memory.MemoryPool;

/**
 * Buffers for batches that grow with what is put in them. Kafka asks for 8 MiB for each, which few
 * ever fill, and holds them until the batch is committed.
 */
final class SmallBuffers implements MemoryPool {
    private static final int FIRST_BYTES = 16 << 10;

    @Override
    public ByteBuffer tryAllocate(int sizeBytes) {
        return ByteBuffer.allocate(Math.min(sizeBytes, FIRST_BYTES));
    }

    /** Left to the garbage collector. */
    @Override
    public void release(ByteBuffer buffer) {}

    @Override
    public long size() {
        return Long.MAX_VALUE;
    }

    @Override
    public long availableMemory() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean isOutOfMemory() {
        return false;
    }
}
