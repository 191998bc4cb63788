package io.millrace.broker.net;

import io.netty.buffer.ByteBuf;

/**
 * One whole request as it came from a socket, without its length prefix, and the budget it is
 * charged to. Released exactly once, by whoever holds it last; from any thread.
 */
public record Frame(ByteBuf bytes, MemoryBudget budget, int chargedBytes) {
    /** Frees the bytes and gives their charge back. */
    public void release() {
        bytes.release();
        budget.release(chargedBytes);
    }
}
