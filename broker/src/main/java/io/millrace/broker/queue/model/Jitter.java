package io.millrace.broker.queue.model;

/** Chance, passed in: so that a simulation can repeat it. On the shard's loop. */
@FunctionalInterface
public interface Jitter {
    /** From 0 (inclusive) to 1 (exclusive). */
    double next();
}
