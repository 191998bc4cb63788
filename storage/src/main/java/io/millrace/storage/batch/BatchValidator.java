package io.millrace.storage.batch;

import io.millrace.storage.batch.Verdict.Invalid;
import io.millrace.storage.batch.Verdict.Reason;
import io.millrace.storage.batch.Verdict.RecordError;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks everything that a producer sent for one partition, by the rules of Kafka's LogValidator:
 * exactly one batch of magic 2, whole, unharmed, from a client, with records that agree with its
 * header. Allocates nothing per record where the batch is good. Not thread-safe.
 */
public final class BatchValidator {
    private static final int MOST_ERRORS_LISTED = 10;

    private final RecordBatchView batch = new RecordBatchView();

    /**
     * Checks the bytes between the buffer's position and limit.
     *
     * @param nowMs the log's time, milliseconds since the epoch
     */
    public Verdict validate(ByteBuffer bytes, BatchRules rules, long nowMs) {
        Invalid refused = checkHeader(bytes, rules);
        if (refused != null) {
            return refused;
        }
        try (var cursor = new RecordCursor(batch, rules.maxRecordBytes())) {
            return checkRecords(cursor, rules, nowMs);
        } catch (MalformedBatchException e) {
            return new Invalid(Reason.INVALID_RECORD, String.valueOf(e.getMessage()));
        }
    }

    private @Nullable Invalid checkHeader(ByteBuffer bytes, BatchRules rules) {
        int available = bytes.remaining();
        if (available < RecordBatchView.MAGIC_AT + 1) {
            return new Invalid(Reason.CORRUPT, "%d bytes are no batch".formatted(available));
        }
        batch.wrap(bytes, bytes.position());
        if (batch.magic() != RecordBatchView.MAGIC) {
            return new Invalid(
                    Reason.INVALID_RECORD,
                    "record batches of magic %d are not accepted, only 2".formatted(batch.magic()));
        }
        int length = batch.batchLength();
        if (length < RecordBatchView.HEADER_BYTES - RecordBatchView.LENGTH_OVERHEAD_BYTES
                || length > available - RecordBatchView.LENGTH_OVERHEAD_BYTES) {
            return new Invalid(
                    Reason.CORRUPT,
                    "a batch claims %d bytes, %d have come".formatted(length, available));
        }
        if (batch.sizeBytes() < available) {
            return new Invalid(
                    Reason.INVALID_RECORD, "a produce request takes one batch a partition");
        }
        if (available > rules.maxBatchBytes()) {
            return new Invalid(
                    Reason.TOO_LARGE,
                    "the batch has %d bytes, the topic takes %d (max.message.bytes)"
                            .formatted(available, rules.maxBatchBytes()));
        }
        if (!batch.isCrcValid()) {
            return new Invalid(
                    Reason.CORRUPT,
                    "the batch's CRC is %08x, its bytes give %08x"
                            .formatted(batch.crc(), batch.computedCrc()));
        }
        return checkFields();
    }

    private @Nullable Invalid checkFields() {
        if (batch.isControl()) {
            return invalid("clients may not write control batches");
        }
        if (batch.recordCount() <= 0) {
            return invalid("the batch claims %d records".formatted(batch.recordCount()));
        }
        if (batch.lastOffsetDelta() != batch.recordCount() - 1) {
            return invalid(
                    "the last offset delta is %d in a batch of %d records"
                            .formatted(batch.lastOffsetDelta(), batch.recordCount()));
        }
        if (batch.baseOffset() != 0) {
            return invalid("the base offset is %d, not 0".formatted(batch.baseOffset()));
        }
        if (batch.hasProducer() && (batch.producerId() < 0 || batch.baseSequence() < 0)) {
            return invalid(
                    "producer %d sends sequence %d"
                            .formatted(batch.producerId(), batch.baseSequence()));
        }
        return null;
    }

    private static Invalid invalid(String message) {
        return new Invalid(Reason.INVALID_RECORD, message);
    }

    private Verdict checkRecords(RecordCursor cursor, BatchRules rules, long nowMs) {
        long largest = -1;
        List<RecordError> keyless = List.of();
        List<RecordError> mistimed = List.of();
        int expected = 0;
        for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
            if (record.offsetDelta() != expected) {
                return invalid(
                        "record %d has the offset delta %d"
                                .formatted(expected, record.offsetDelta()));
            }
            if (rules.keysRequired() && !record.hasKey()) {
                keyless =
                        with(keyless, expected, "a compacted topic takes no record without a key");
            }
            long timestamp = cursor.timestampMs();
            if (!rules.logAppendTime() && isMistimed(timestamp, rules, nowMs)) {
                mistimed =
                        with(
                                mistimed,
                                expected,
                                "the timestamp %d is too far from the broker's time %d"
                                        .formatted(timestamp, nowMs));
            }
            largest = Math.max(largest, timestamp);
            expected++;
        }
        cursor.requireEnd();
        if (!keyless.isEmpty()) {
            return new Invalid(Reason.INVALID_RECORD, keyless.getFirst().message(), keyless);
        }
        if (!mistimed.isEmpty()) {
            return new Invalid(Reason.INVALID_TIMESTAMP, mistimed.getFirst().message(), mistimed);
        }
        return new Verdict.Valid(largest);
    }

    private static boolean isMistimed(long timestamp, BatchRules rules, long nowMs) {
        return timestamp >= 0
                && (nowMs - timestamp > rules.maxBehindMs()
                        || timestamp - nowMs > rules.maxAheadMs());
    }

    private static List<RecordError> with(List<RecordError> before, int index, String message) {
        if (before.size() == MOST_ERRORS_LISTED) {
            return before;
        }
        var longer = new ArrayList<>(before);
        longer.add(new RecordError(index, message));
        return longer;
    }
}
