package io.millrace.storage.batch;

/**
 * What a topic asks of the batches that producers send.
 *
 * @param maxBatchBytes largest batch ({@code max.message.bytes})
 * @param maxRecordBytes largest record of a compressed batch ({@code
 *     max.decompressed.message.bytes})
 * @param keysRequired whether every record needs a key, as in compacted topics
 * @param logAppendTime whether the log's time replaces the producer's
 * @param maxBehindMs how far a timestamp may lie before now ({@code
 *     message.timestamp.before.max.ms})
 * @param maxAheadMs how far it may lie after ({@code message.timestamp.after.max.ms})
 */
public record BatchRules(
        int maxBatchBytes,
        int maxRecordBytes,
        boolean keysRequired,
        boolean logAppendTime,
        long maxBehindMs,
        long maxAheadMs) {}
