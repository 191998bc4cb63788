package io.millrace.broker.group;

/**
 * An offset that a group has committed.
 *
 * @param leaderEpoch -1 if not known
 * @param committedMs when, milliseconds since the epoch
 */
public record CommittedOffset(long offset, int leaderEpoch, String metadata, long committedMs) {}
