package io.millrace.storage;

import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.PartitionLog.Refusal;
import io.millrace.storage.batch.BatchRecompressor;
import io.millrace.storage.batch.BatchValidator;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.batch.RecordBatchEditor;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.Verdict;
import io.millrace.storage.disk.DiskFullException;
import io.millrace.storage.disk.TooManyFilesException;
import io.millrace.storage.producer.Decision;
import io.millrace.storage.producer.ProducerBatch;
import io.millrace.storage.producer.Verification;
import io.millrace.storage.segment.RecentBatches;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The way of a batch into a log: validated, deduplicated, given its offsets, written in one call to
 * the active segment, which is rolled when due. Mutable, for the sake of the produce path; belongs
 * to the log's owner.
 */
final class LogAppender {
    private final LogEnvironment env;
    private final LogState state;
    private final GroupCommit commit;
    private final RecentBatches recent;
    private final BatchValidator validator = new BatchValidator();
    private final RecordBatchView view = new RecordBatchView();
    private final SegmentRolls rolls;
    private LogConfig config;

    LogAppender(
            LogEnvironment env,
            LogState state,
            GroupCommit commit,
            RecentBatches recent,
            SegmentRolls rolls,
            LogConfig config) {
        this.env = env;
        this.state = state;
        this.commit = commit;
        this.recent = recent;
        this.rolls = rolls;
        this.config = config;
    }

    void reconfigure(LogConfig changed) {
        config = changed;
    }

    AppendResult append(ByteBuffer records, AppendRequest request) {
        StorageException failure = commit.failure();
        if (failure != null) {
            return new AppendResult.Refused(Refusal.OFFLINE, String.valueOf(failure.getMessage()));
        }
        if (request.origin() == Origin.COORDINATOR) {
            view.wrap(records, records.position());
            return write(records, request, -1);
        }
        if (env.reserve().isExhausted()) {
            return new AppendResult.Refused(
                    Refusal.DISK_FULL,
                    "the disk is full up to its reserve; writing resumes by itself");
        }
        return switch (validator.validate(records, config.rules(), request.nowMs())) {
            case Verdict.Invalid invalid ->
                    new AppendResult.Refused(
                            refusalOf(invalid.reason()), invalid.message(), invalid.records());
            case Verdict.Valid(long maxTimestampMs) ->
                    appendValid(records, request, maxTimestampMs);
        };
    }

    private static Refusal refusalOf(Verdict.Reason reason) {
        return switch (reason) {
            case CORRUPT -> Refusal.CORRUPT;
            case INVALID_RECORD -> Refusal.INVALID_RECORD;
            case TOO_LARGE -> Refusal.TOO_LARGE;
            case INVALID_TIMESTAMP -> Refusal.INVALID_TIMESTAMP;
        };
    }

    private AppendResult appendValid(
            ByteBuffer records, AppendRequest request, long maxTimestampMs) {
        view.wrap(records, records.position());
        if (view.hasProducer()) {
            AppendResult settled = settle(ProducerBatch.of(view), request.verification());
            if (settled != null) {
                return settled;
            }
        }
        ByteBuffer batch = records;
        LogConfig.Compression wanted = config.messages().compression();
        Codec codec = wanted.codec();
        if (codec != null && codec.id() != view.codecId()) {
            batch = BatchRecompressor.recompress(view, codec, wanted.level());
            view.wrap(batch, 0);
        }
        long appendTimeMs = -1;
        if (config.messages().logAppendTime()) {
            appendTimeMs = request.nowMs();
            RecordBatchEditor.setLogAppendTime(batch, batch.position(), appendTimeMs);
        } else if (view.maxTimestamp() != maxTimestampMs) {
            RecordBatchEditor.setMaxTimestamp(batch, batch.position(), maxTimestampMs);
        }
        return write(batch, request, appendTimeMs);
    }

    private @Nullable AppendResult settle(
            ProducerBatch batch, @Nullable Verification verification) {
        return switch (state.producers().check(batch, verification)) {
            case Decision.Fresh fresh -> null;
            case Decision.Repeated(ProducerBatch earlier) ->
                    new AppendResult.Duplicate(
                            earlier.firstOffset(), earlier.lastOffset(), earlier.timestampMs());
            case Decision.OutOfOrder(String message) ->
                    new AppendResult.Refused(Refusal.OUT_OF_ORDER_SEQUENCE, message);
            case Decision.Fenced(String message) ->
                    new AppendResult.Refused(Refusal.INVALID_PRODUCER_EPOCH, message);
            case Decision.NotInTransaction(String message) ->
                    new AppendResult.Refused(Refusal.NOT_IN_TRANSACTION, message);
        };
    }

    private AppendResult write(ByteBuffer batch, AppendRequest request, long appendTimeMs) {
        int start = batch.position();
        int size = batch.remaining();
        long firstOffset = state.logEndOffset();
        RecordBatchEditor.assign(batch, start, firstOffset, request.leaderEpoch());
        long lastOffset = view.lastOffset();
        try {
            rolls.rollIfDue(view, size);
            Segment active = state.active();
            long position = active.sizeBytes();
            active.touch(request.nowMs());
            boolean newFile = writeTo(active, batch);
            commit.wrote(active, newFile, lastOffset + 1);
            recent.add(firstOffset, request.leaderEpoch(), position);
        } catch (DiskFullException e) {
            return new AppendResult.Refused(
                    Refusal.DISK_FULL, "the disk is full; writing resumes when there is room");
        } catch (TooManyFilesException e) {
            return new AppendResult.Refused(
                    Refusal.TOO_MANY_FILES,
                    "too many files are open; writing resumes when there are fewer");
        } catch (IOException e) {
            var failure = new StorageException(state.folder(), "cannot append", e);
            commit.fail(failure);
            return new AppendResult.Refused(Refusal.OFFLINE, String.valueOf(failure.getMessage()));
        }
        view.wrap(batch, start);
        if (view.hasProducer() && !view.isControl()) {
            state.producers().applied(ProducerBatch.of(view));
        }
        state.epochs().begin(request.leaderEpoch(), firstOffset);
        return new AppendResult.Appended(firstOffset, lastOffset, appendTimeMs);
    }

    private boolean writeTo(Segment active, ByteBuffer batch) throws IOException {
        try {
            return active.append(batch, view);
        } catch (DiskFullException e) {
            active.repairTail();
            throw e;
        }
    }
}
