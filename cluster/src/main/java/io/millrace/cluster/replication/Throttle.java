package io.millrace.cluster.replication;

/**
 * How much was moved lately of what may be moved in a second: a bucket that leaks at that rate.
 * Immutable.
 *
 * @param bytes in the bucket
 * @param atMs when
 */
public record Throttle(double bytes, long atMs) {
    private static final double SECOND_MS = 1_000;

    /** Nothing was moved yet. */
    public static Throttle idle(long nowMs) {
        return new Throttle(0, nowMs);
    }

    /** Some bytes were moved. */
    public Throttle moved(long added, long bytesPerSecond, long nowMs) {
        return new Throttle(left(bytesPerSecond, nowMs) + added, Math.max(atMs, nowMs));
    }

    /** Whether nothing more may be moved now: it is more than a second's worth. */
    public boolean isExceeded(long bytesPerSecond, long nowMs) {
        return left(bytesPerSecond, nowMs) > bytesPerSecond;
    }

    private double left(long bytesPerSecond, long nowMs) {
        return Math.max(0, bytes - bytesPerSecond * (Math.max(0, nowMs - atMs) / SECOND_MS));
    }
}
