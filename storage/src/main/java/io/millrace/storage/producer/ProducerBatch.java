package io.millrace.storage.producer;

import io.millrace.storage.batch.RecordBatchView;

/**
 * The producer's part of a batch.
 *
 * @param timestampMs its largest timestamp, milliseconds since the epoch
 * @param transactional whether it is part of a transaction
 */
public record ProducerBatch(
        long producerId,
        short epoch,
        int firstSequence,
        int lastSequence,
        long firstOffset,
        long lastOffset,
        long timestampMs,
        boolean transactional) {
    /** What the batch says of its producer, at the offset that its header has. */
    public static ProducerBatch of(RecordBatchView batch) {
        return new ProducerBatch(
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.lastSequence(),
                batch.baseOffset(),
                batch.lastOffset(),
                batch.maxTimestamp(),
                batch.isTransactional());
    }
}
