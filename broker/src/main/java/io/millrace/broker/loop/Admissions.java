package io.millrace.broker.loop;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Producers of whom a batch waits to be let into a partition. Their later batches wait behind it:
 * one that went past it would come before its turn. Mutable; belongs to the partition's loop.
 */
public final class Admissions {
    private final Map<Long, Deque<Runnable>> underWay = new HashMap<>(0);

    /** Whether a batch of the producer waits. */
    public boolean isUnderWay(long producerId) {
        return underWay.containsKey(producerId);
    }

    /** A batch of the producer waits from now on; none did. */
    public void begin(long producerId) {
        underWay.put(producerId, new ArrayDeque<>(1));
    }

    /** Runs a task once all before it have been decided; a batch of the producer waits. */
    public void behind(long producerId, Runnable next) {
        Objects.requireNonNull(underWay.get(producerId)).add(next);
    }

    /** The batch that waits was decided: those behind it have their turn. */
    public void end(long producerId) {
        Deque<Runnable> next = underWay.remove(producerId);
        while (next != null && !next.isEmpty()) {
            next.remove().run();
            Deque<Runnable> again = underWay.get(producerId);
            if (again != null) {
                again.addAll(next);
                return;
            }
        }
    }
}
