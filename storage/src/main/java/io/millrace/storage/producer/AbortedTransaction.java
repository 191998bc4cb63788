package io.millrace.storage.producer;

/**
 * A transaction that was aborted: readers skip what its producer wrote in it.
 *
 * @param firstOffset of its first record
 * @param lastOffset of its marker
 * @param lastStableOffset first offset, once it had ended, of a transaction that was still open;
 *     the offset after the marker if there was none
 */
public record AbortedTransaction(
        long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}
