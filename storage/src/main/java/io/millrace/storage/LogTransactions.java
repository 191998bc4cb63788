package io.millrace.storage;

import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.batch.ControlRecord;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.EndDecision;
import io.millrace.storage.producer.ProducerBatch;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.recovery.ProducerReplay;
import io.millrace.storage.segment.LostIndexException;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The transactions of one log (KIP-98, KIP-890). Belongs to the log's owner. */
public final class LogTransactions {
    private final LogEnvironment env;
    private final LogState state;
    private final LogAppender appender;

    /** What the end of a transaction came to. */
    public enum Ending {
        /** Nothing of it is open any more; durable with all that was appended so far. */
        ENDED,
        /** A newer epoch of the producer has written since. */
        STALE_EPOCH,
        /** A newer coordinator has decided since. */
        STALE_COORDINATOR,
        /** The marker could not be written. */
        NOT_STORED
    }

    LogTransactions(LogEnvironment env, LogState state, LogAppender appender) {
        this.env = env;
        this.state = state;
        this.appender = appender;
    }

    /**
     * Whether the coordinator has to be asked of a transaction before a batch of it is appended.
     *
     * @param records a batch as a client sent it, not checked yet
     * @return the number that {@link io.millrace.storage.producer.Verification} has to name; empty
     *     if nobody has to be asked
     */
    public OptionalLong beginVerification(ByteBuffer records) {
        ProducerBatch batch = producerOf(records);
        return batch != null && state.producers().needsVerification(batch)
                ? OptionalLong.of(state.producers().beginVerification(batch))
                : OptionalLong.empty();
    }

    /** The coordinator has refused. */
    public void verificationFailed(ByteBuffer records, long number) {
        ProducerBatch batch = producerOf(records);
        if (batch != null) {
            state.producers().verificationFailed(batch, number);
        }
    }

    private static @Nullable ProducerBatch producerOf(ByteBuffer records) {
        if (records.remaining() < RecordBatchView.HEADER_BYTES) {
            return null;
        }
        var view = new RecordBatchView().wrap(records, records.position());
        return view.magic() == RecordBatchView.MAGIC && view.hasProducer()
                ? ProducerBatch.of(view)
                : null;
    }

    /** Ends a producer's transaction, if it has one open: writes the marker. */
    public Ending end(TransactionEnd end, int leaderEpoch, long nowMs) {
        EndDecision decision = state.producers().decide(end, nowMs);
        return switch (decision) {
            case NOTHING_OPEN -> Ending.ENDED;
            case STALE_EPOCH -> Ending.STALE_EPOCH;
            case STALE_COORDINATOR -> Ending.STALE_COORDINATOR;
            case WRITE -> write(end, leaderEpoch, nowMs);
        };
    }

    private Ending write(TransactionEnd end, int leaderEpoch, long nowMs) {
        ByteBuffer marker =
                new ControlRecord(end.commit(), end.coordinatorEpoch())
                        .batch(end.producerId(), end.epoch(), nowMs);
        var request =
                new PartitionLog.AppendRequest(PartitionLog.Origin.COORDINATOR, leaderEpoch, nowMs);
        loadIndex();
        if (!(appender.append(marker, request) instanceof AppendResult.Appended appended)) {
            return Ending.NOT_STORED;
        }
        AbortedTransaction aborted = state.producers().ended(end, appended.firstOffset(), nowMs);
        if (aborted != null) {
            remember(aborted);
        }
        return Ending.ENDED;
    }

    /** What a marker has aborted cannot be left out of the index once the marker is written. */
    private void loadIndex() {
        if (!state.segments().isEmpty()) {
            try {
                state.active().transactions().load();
            } catch (IOException e) {
                throw new StorageException(state.folder(), "cannot read an index", e);
            }
        }
    }

    private void remember(AbortedTransaction aborted) {
        try {
            state.active().transactions().add(aborted);
        } catch (LostIndexException e) {
            makeAgain(e);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot read an index", e);
        }
    }

    /** End of what is decided for good; nothing at or past it is read by who wants committed. */
    public long lastStableOffset(long highWatermark) {
        return Math.max(
                state.producers().firstUnstableOffset(highWatermark),
                Math.min(state.logStartOffset(), highWatermark));
    }

    /** The aborted transactions that reach into a range of offsets, by their markers. */
    public List<AbortedTransaction> aborted(long fromOffset, long endOffset) {
        try {
            return find(fromOffset, endOffset);
        } catch (LostIndexException e) {
            makeAgain(e);
            return aborted(fromOffset, endOffset);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot read an index", e);
        }
    }

    private List<AbortedTransaction> find(long fromOffset, long endOffset) throws IOException {
        if (state.segments().isEmpty()) {
            return List.of();
        }
        var found = new ArrayList<AbortedTransaction>(0);
        Map.Entry<Long, Segment> first = state.segments().floorEntry(fromOffset);
        long base = first == null ? state.segments().firstKey() : first.getKey();
        for (Segment segment : state.segments().tailMap(base).values()) {
            for (AbortedTransaction each : segment.transactions().aborted()) {
                if (each.lastOffset() >= fromOffset && each.firstOffset() < endOffset) {
                    found.add(each);
                }
                if (each.lastStableOffset() >= endOffset) {
                    return found;
                }
            }
        }
        return found;
    }

    private void makeAgain(LostIndexException lost) {
        env.events().noticed(state.folder(), lost.getMessage() + "; it is made again");
        try {
            ProducerReplay.abortedAnew(state);
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot make an index again", e);
        }
    }
}
