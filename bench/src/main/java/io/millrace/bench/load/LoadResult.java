package io.millrace.bench.load;

import org.HdrHistogram.Histogram;

/**
 * What a load came to.
 *
 * @param records how many were answered (with acks 0: sent)
 * @param bytes of their values
 * @param elapsedNs from the first sending to the last answer
 * @param latencyNs from when a request was due, not from when it could be sent
 */
public record LoadResult(long records, long bytes, long elapsedNs, Histogram latencyNs) {
    private static final double NS_PER_S = 1e9;

    public double recordsPerSecond() {
        return records * NS_PER_S / elapsedNs;
    }

    public double megabytesPerSecond() {
        return bytes / 1e6 * NS_PER_S / elapsedNs;
    }

    /** A percentile of the latency in microseconds. */
    public double latencyUs(double percentile) {
        return latencyNs.getValueAtPercentile(percentile) / 1e3;
    }
}
