package io.millrace.broker.queue.model;

/** Offsets from {@code first} to {@code last}, both included. */
public record OffsetRange(long first, long last) {
    public OffsetRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("no range: %d to %d".formatted(first, last));
        }
    }

    /** How many offsets; at least 1. */
    public long length() {
        return last - first + 1;
    }
}
