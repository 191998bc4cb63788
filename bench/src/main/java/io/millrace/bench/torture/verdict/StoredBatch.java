package io.millrace.bench.torture.verdict;

/**
 * A batch as it lies in a replica's log.
 *
 * @param baseOffset of its first record
 * @param endOffset after its last record
 * @param hash of all its bytes
 */
public record StoredBatch(long baseOffset, long endOffset, long hash) {}
