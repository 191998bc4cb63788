package io.millrace.bench.load;

/**
 * When the requests of an open loop are due: one every so often, whether or not earlier ones are
 * answered. What could not be sent in time stays due, and its wait counts. Pure: time comes in.
 */
final class OpenLoop {
    private final long startNs;
    private final double gapNs;
    private final long count;
    private long taken;

    /** Requests from {@code startNs} on, {@code gapNs} apart, the last one before the end. */
    OpenLoop(long startNs, long durationNs, double gapNs) {
        this.startNs = startNs;
        this.gapNs = gapNs;
        count = Math.max(1, (long) Math.ceil(durationNs / gapNs));
    }

    /** Whether the next request should have been sent by now. */
    boolean isDue(long nowNs) {
        return !isFinished() && dueNs() - nowNs <= 0;
    }

    /** Takes the next request and gives the time at which it was due. */
    long take() {
        long dueNs = dueNs();
        taken++;
        return dueNs;
    }

    /** Whether all have been taken. */
    boolean isFinished() {
        return taken == count;
    }

    private long dueNs() {
        return startNs + (long) (taken * gapNs);
    }
}
