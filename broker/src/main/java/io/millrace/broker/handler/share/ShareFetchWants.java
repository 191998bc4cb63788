package io.millrace.broker.handler.share;

/**
 * What a share fetch wants in all.
 *
 * @param maxBytes bytes at most; one batch may be larger
 * @param strict whether {@code maxRecords} holds to the record (KIP-1206)
 * @param batchSize records at most that are told of as one
 */
record ShareFetchWants(
        int maxRecords, int maxBytes, long maxWaitMs, boolean strict, int batchSize) {}
