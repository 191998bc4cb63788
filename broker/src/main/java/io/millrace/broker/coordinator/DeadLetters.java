package io.millrace.broker.coordinator;

import io.millrace.broker.queue.QueueEffect;

/** Writes records that cannot be processed to where they are kept. */
@FunctionalInterface
public interface DeadLetters {
    /**
     * Begins to write them. Must not block.
     *
     * @param done called once, from any thread: whether all of them are durable there
     */
    void write(QueueEffect.Bury dead, Outcome done);

    /** Told how a burial went. */
    @FunctionalInterface
    interface Outcome {
        /** Whether the records are durable where they were to go. */
        void done(boolean durable);
    }
}
