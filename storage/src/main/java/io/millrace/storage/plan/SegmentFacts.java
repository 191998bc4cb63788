package io.millrace.storage.plan;

/**
 * What decisions need to know of a segment.
 *
 * @param maxTimestampMs largest timestamp in it; when it was last written if it has none
 */
public record SegmentFacts(long baseOffset, long nextOffset, long sizeBytes, long maxTimestampMs) {}
