package io.millrace.bench.load;

/** Told of each request that was answered, on the load's thread. */
@FunctionalInterface
public interface AnswerListener {
    /** Told of nothing. */
    AnswerListener NONE = (nowNs, latencyNs) -> {};

    /**
     * An answer came.
     *
     * @param nowNs when, by {@link System#nanoTime}
     * @param latencyNs since the request was due
     */
    void answered(long nowNs, long latencyNs);
}
