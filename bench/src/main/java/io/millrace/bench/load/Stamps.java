package io.millrace.bench.load;

/**
 * Times that records carry from producer to consumer within one process: microseconds since the
 * process began. As milliseconds, which brokers take them for, they lie in the year 1970: old, but
 * valid, where a topic keeps records of any age.
 */
public final class Stamps {
    private static final long ORIGIN_NS = System.nanoTime();
    private static final long NS_PER_US = 1_000;

    private Stamps() {}

    static long of(long nanoTime) {
        return Math.max(0, (nanoTime - ORIGIN_NS) / NS_PER_US);
    }

    /** How long ago a stamp was given. */
    public static long ageNs(long stamp) {
        return System.nanoTime() - ORIGIN_NS - stamp * NS_PER_US;
    }
}
