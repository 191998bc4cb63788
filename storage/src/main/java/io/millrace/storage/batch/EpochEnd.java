package io.millrace.storage.batch;

/** An epoch and the offset after its last record (KIP-101); both -1 if it is not known. */
public record EpochEnd(int epoch, long endOffset) {}
