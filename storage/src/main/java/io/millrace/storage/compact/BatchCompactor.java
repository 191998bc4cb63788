package io.millrace.storage.compact;

import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.ProducerStates.LastWritten;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides what of a batch survives: a record whose key has no later one, and a tombstone until its
 * delete horizon (KIP-534). What was aborted goes; a marker goes past its own delete horizon, once
 * nothing of its transaction is left. Of a producer's last batch at least the header stays, so that
 * its sequence is not forgotten. Pure; not thread-safe.
 */
final class BatchCompactor {
    private final KeyOffsets keys;
    private final Map<Long, LastWritten> lastByProducer;
    private final TransactionFates fates;
    private final long nowMs;
    private final long deleteRetentionMs;
    private final List<AbortedTransaction> stillNeeded = new ArrayList<>();

    /**
     * @param lastByProducer what each producer that is known has written last
     */
    BatchCompactor(
            KeyOffsets keys,
            Map<Long, LastWritten> lastByProducer,
            TransactionFates fates,
            long nowMs,
            long deleteRetentionMs) {
        this.keys = keys;
        this.lastByProducer = lastByProducer;
        this.fates = fates;
        this.nowMs = nowMs;
        this.deleteRetentionMs = deleteRetentionMs;
    }

    /** The aborted transactions whose markers came since this was last asked, and are needed. */
    List<AbortedTransaction> takeAborted() {
        var taken = List.copyOf(stillNeeded);
        stillNeeded.clear();
        return taken;
    }

    private record Survey(int records, int surviving, boolean tombstones) {}

    /** What is left of the batch: the same bytes, other bytes, or null for nothing. */
    @Nullable ByteBuffer compact(RecordBatchView batch) {
        if (batch.isControl()) {
            return compactMarker(batch);
        }
        fates.passed(batch);
        if (Codec.ofId(batch.codecId()) == null) {
            return same(batch);
        }
        if (fates.isAborted(batch)) {
            return isLastOfProducer(batch) ? rewrite(batch, offset -> false, false) : null;
        }
        Survey survey = survey(batch);
        boolean needsHorizon = survey.tombstones() && !batch.hasDeleteHorizon();
        if (survey.surviving() == survey.records() && survey.records() > 0 && !needsHorizon) {
            return same(batch);
        }
        return survey.surviving() == 0 && !isLastOfProducer(batch)
                ? null
                : rewrite(batch, offset -> true, survey.tombstones());
    }

    private boolean isLastOfProducer(RecordBatchView batch) {
        LastWritten last = batch.hasProducer() ? lastByProducer.get(batch.producerId()) : null;
        if (last == null) {
            return false;
        }
        return last.lastOffset() >= 0
                ? last.lastOffset() == batch.lastOffset()
                : batch.isControl() && batch.producerEpoch() == last.epoch();
    }

    /** A marker is needed by readers for as long as anything of its transaction is there. */
    private @Nullable ByteBuffer compactMarker(RecordBatchView marker) {
        List<AbortedTransaction> aborted = fates.endedBy(marker);
        if (!fates.endsNothing(marker)) {
            stillNeeded.addAll(aborted);
            return same(marker);
        }
        if (!marker.hasDeleteHorizon()) {
            return rewrite(marker, offset -> true, true);
        }
        boolean expired = marker.baseTimestamp() <= nowMs && !isLastOfProducer(marker);
        return expired ? null : same(marker);
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
        if (batch.isControl()) {
            return true;
        }
        ByteBuffer key = record.key();
        if (key == null || keys.latest(key) > offset) {
            return false;
        }
        boolean expired = batch.hasDeleteHorizon() && batch.baseTimestamp() <= nowMs;
        return record.hasValue() || !expired;
    }

    private ByteBuffer rewrite(RecordBatchView batch, LongPredicate wanted, boolean needsHorizon) {
        Codec codec = Objects.requireNonNull(Codec.ofId(batch.codecId()));
        var builder = builderLike(batch, codec);
        if (batch.hasDeleteHorizon()) {
            builder.deleteHorizon(batch.baseTimestamp());
        } else if (needsHorizon) {
            builder.deleteHorizon(nowMs + deleteRetentionMs);
        }
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                if (wanted.test(cursor.offset()) && survives(batch, record, cursor.offset())) {
                    builder.copy(record, cursor.offset(), cursor.timestampMs());
                }
            }
        }
        return builder.build(batch.lastOffset());
    }

    private static BatchBuilder builderLike(RecordBatchView batch, Codec codec) {
        var builder =
                new BatchBuilder(batch.baseOffset(), codec, Codec.DEFAULT_LEVEL)
                        .leaderEpoch(batch.partitionLeaderEpoch())
                        .producer(batch.producerId(), batch.producerEpoch(), batch.baseSequence());
        if (batch.isTransactional()) {
            builder.transactional();
        }
        if (batch.isControl()) {
            builder.control();
        }
        if (batch.isLogAppendTime()) {
            builder.logAppendTime(batch.maxTimestamp());
        }
        return builder;
    }
}
