package io.millrace.bench.delivery;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the members of a group have agreed on, as they see it: a generation (or epoch) that all of
 * them are in, and all partitions shared out. Thread-safe.
 */
final class Agreement {
    private static final long PATIENCE_MS = TimeUnit.MINUTES.toMillis(2);

    private final int partitions;
    private final Map<Object, Standing> standings = new HashMap<>();
    private int agreedOn = -1;
    private @Nullable Exception failure;

    private record Standing(int generation, int partitions) {}

    /**
     * @param partitions how many there are to share out
     */
    Agreement(int partitions) {
        this.partitions = partitions;
    }

    /** A member is in a generation, with so many partitions. */
    synchronized void settled(Object member, int generation, int owned) {
        standings.put(member, new Standing(generation, owned));
        notifyAll();
    }

    /** A member has to find out anew what it has, or is gone. */
    synchronized void unsettled(Object member) {
        standings.remove(member);
    }

    /** A member has failed: nobody waits any longer. */
    synchronized void failed(Exception cause) {
        failure = cause;
        notifyAll();
    }

    /**
     * Waits until so many members agree on a generation later than the last that was waited for.
     * Blocks.
     *
     * @return the time from {@code sinceNs} until then, in milliseconds
     */
    synchronized double await(int members, long sinceNs) throws IOException, InterruptedException {
        long deadlineMs = TimeUnit.NANOSECONDS.toMillis(sinceNs) + PATIENCE_MS;
        while (!isReached(members)) {
            if (failure != null) {
                throw new IOException("a member failed: " + failure.getMessage(), failure);
            }
            long leftMs = deadlineMs - TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
            if (leftMs <= 0) {
                throw new IOException(
                        "%d members do not agree: %s".formatted(members, standings.values()));
            }
            wait(leftMs);
        }
        agreedOn = standings.values().iterator().next().generation();
        return (System.nanoTime() - sinceNs) / 1e6;
    }

    private boolean isReached(int members) {
        if (standings.size() != members) {
            return false;
        }
        int generation = standings.values().iterator().next().generation();
        int shared = standings.values().stream().mapToInt(Standing::partitions).sum();
        return generation > agreedOn
                && shared == partitions
                && standings.values().stream().allMatch(one -> one.generation() == generation);
    }
}
