package io.millrace.bench.io;

import org.HdrHistogram.Histogram;

/**
 * What one run of a job came to.
 *
 * @param bytes written or read
 * @param elapsedNs that it took
 * @param durableNs the same and a sync at the end, where there was one that did not count; else 0
 * @param latencyNs of each block, with the sync that followed it
 * @param deviceBytes that the process has had read from devices meanwhile; -1 if not known
 */
record Outcome(long bytes, long elapsedNs, long durableNs, Histogram latencyNs, long deviceBytes) {
    double megabytesPerS() {
        return bytes * 1e3 / elapsedNs;
    }
}
