package io.millrace.storage.compact;

import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides what of a batch survives: a record whose key has no later one, and a tombstone until its
 * delete horizon (KIP-534). Control batches stay. Of a producer's last batch at least the header
 * stays, so that its sequence is not forgotten. Pure; not thread-safe.
 */
final class BatchCompactor {
    private final KeyOffsets keys;
    private final Map<Long, Long> lastOffsetByProducer;
    private final long nowMs;
    private final long deleteRetentionMs;

    /**
     * @param lastOffsetByProducer last offset of each producer that is known
     */
    BatchCompactor(
            KeyOffsets keys,
            Map<Long, Long> lastOffsetByProducer,
            long nowMs,
            long deleteRetentionMs) {
        this.keys = keys;
        this.lastOffsetByProducer = lastOffsetByProducer;
        this.nowMs = nowMs;
        this.deleteRetentionMs = deleteRetentionMs;
    }

    private record Survey(int records, int surviving, boolean tombstones) {}

    /** What is left of the batch: the same bytes, other bytes, or null for nothing. */
    @Nullable ByteBuffer compact(RecordBatchView batch) {
        if (batch.isControl() || Codec.ofId(batch.codecId()) == null) {
            return same(batch);
        }
        Survey survey = survey(batch);
        boolean needsHorizon = survey.tombstones() && !batch.hasDeleteHorizon();
        if (survey.surviving() == survey.records() && survey.records() > 0 && !needsHorizon) {
            return same(batch);
        }
        boolean isLast =
                batch.hasProducer()
                        && Objects.equals(
                                lastOffsetByProducer.get(batch.producerId()), batch.lastOffset());
        return survey.surviving() == 0 && !isLast ? null : rewrite(batch, survey.tombstones());
    }

    private static ByteBuffer same(RecordBatchView batch) {
        return batch.bytes().slice(batch.position(), batch.sizeBytes());
    }

    private Survey survey(RecordBatchView batch) {
        int records = 0;
        int surviving = 0;
        boolean tombstones = false;
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                records++;
                if (survives(batch, record, cursor.offset())) {
                    surviving++;
                    tombstones |= !record.hasValue();
                }
            }
        }
        return new Survey(records, surviving, tombstones);
    }

    private boolean survives(RecordBatchView batch, RecordView record, long offset) {
        ByteBuffer key = record.key();
        if (key == null || keys.latest(key) > offset) {
            return false;
        }
        boolean expired = batch.hasDeleteHorizon() && batch.baseTimestamp() <= nowMs;
        return record.hasValue() || !expired;
    }

    private ByteBuffer rewrite(RecordBatchView batch, boolean tombstones) {
        Codec codec = Objects.requireNonNull(Codec.ofId(batch.codecId()));
        var builder =
                new BatchBuilder(batch.baseOffset(), codec, Codec.DEFAULT_LEVEL)
                        .leaderEpoch(batch.partitionLeaderEpoch())
                        .producer(batch.producerId(), batch.producerEpoch(), batch.baseSequence());
        if (batch.isTransactional()) {
            builder.transactional();
        }
        if (batch.isLogAppendTime()) {
            builder.logAppendTime(batch.maxTimestamp());
        }
        if (batch.hasDeleteHorizon()) {
            builder.deleteHorizon(batch.baseTimestamp());
        } else if (tombstones) {
            builder.deleteHorizon(nowMs + deleteRetentionMs);
        }
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                if (survives(batch, record, cursor.offset())) {
                    builder.copy(record, cursor.offset(), cursor.timestampMs());
                }
            }
        }
        return builder.build(batch.lastOffset());
    }
}
