package io.millrace.storage.batch;

/**
 * A record found by its time.
 *
 * @param timestampMs milliseconds since the epoch
 * @param leaderEpoch epoch in which it was written; -1 if not known
 */
public record TimestampedOffset(long offset, long timestampMs, int leaderEpoch) {}
