package io.millrace.storage.recovery;

import io.millrace.storage.batch.ControlRecord;
import io.millrace.storage.batch.MalformedBatchException;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.ProducerBatch;
import io.millrace.storage.producer.ProducerStates;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.LostIndexException;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Folds batches, headers and markers, into the producers' states and the segments' aborted
 * transactions. On the log's owner's thread; blocks.
 */
public final class ProducerReplay {
    private final LogState state;
    private final ProducerStates producers;
    private final boolean indexes;

    /**
     * @param indexes whether what was aborted goes to the segments' indexes
     */
    private ProducerReplay(LogState state, ProducerStates producers, boolean indexes) {
        this.state = state;
        this.producers = producers;
        this.indexes = indexes;
    }

    /** For batches as they are appended. */
    public static ProducerReplay live(LogState state) {
        return new ProducerReplay(state, state.producers(), true);
    }

    /** Applies everything from an offset on, which was found good just now. */
    static void from(LogState state, long offset) throws IOException {
        new ProducerReplay(state, state.producers(), true).run(offset, false);
    }

    /** Forgets what is known of producers, and reads the whole log for it. */
    public static void anew(LogState state) throws IOException {
        state.producers().clear();
        forgetAborted(state);
        new ProducerReplay(state, state.producers(), true).run(state.logStartOffset(), true);
    }

    /** Reads the whole log for producers only; what the segments know of aborted stays. */
    static void producersAnew(LogState state) throws IOException {
        state.producers().clear();
        new ProducerReplay(state, state.producers(), false).run(state.logStartOffset(), true);
    }

    /**
     * Reads the whole log for what was aborted; of producers, what is known is known better, but
     * for transactions whose end cannot be read: they count as open, since nobody can tell who
     * reads what is committed whether they were aborted.
     */
    public static void abortedAnew(LogState state) throws IOException {
        forgetAborted(state);
        var read = new ProducerStates();
        new ProducerReplay(state, read, true).run(state.logStartOffset(), true);
        state.producers().reopen(read);
    }

    private static void forgetAborted(LogState state) {
        state.segments().values().forEach(segment -> segment.transactions().clear());
    }

    /**
     * Reads segment by segment.
     *
     * @param inspecting whether each is looked through before anything in it is believed
     */
    private void run(long from, boolean inspecting) throws IOException {
        if (state.segments().isEmpty() || from >= state.logEndOffset()) {
            return;
        }
        Map.Entry<Long, Segment> first = state.segments().floorEntry(from);
        long base = first == null ? state.segments().firstKey() : first.getKey();
        for (Segment segment : state.segments().tailMap(base).values()) {
            if (segment.sizeBytes() > 0) {
                if (inspecting) {
                    Inspection.of(state, segment, segment.walkTowards(from).range());
                }
                run(segment, from);
            }
        }
        tellOfWhatWasPassed(from);
    }

    private void run(Segment segment, long from) throws IOException {
        BatchWalker walker = segment.walkTowards(from);
        BatchWalker.Step step = walker.next();
        while (step == BatchWalker.Step.BATCH) {
            RecordBatchView batch = walker.batch();
            if (batch.hasProducer() && batch.lastOffset() >= from) {
                if (batch.isControl() && !walker.readRecords()) {
                    throw readsOtherwise(segment, walker);
                }
                apply(segment, walker.batch());
            }
            step = walker.next();
        }
        if (step == BatchWalker.Step.BAD) {
            throw readsOtherwise(segment, walker);
        }
    }

    /** What is bad was found before, and is stepped over. */
    private static IOException readsOtherwise(Segment segment, BatchWalker walker) {
        return new IOException(
                "%s reads otherwise the second time, at byte %d"
                        .formatted(segment.path(), walker.position()));
    }

    private void tellOfWhatWasPassed(long from) {
        if (producers.isEmpty()) {
            return;
        }
        for (Quarantine.Range range : state.quarantine().all()) {
            if (range.endOffset() > from) {
                state.notice(
                        ("the offsets %d to %d are quarantined, and what producers did there is not"
                                        + " known: a batch that is sent again is appended again,"
                                        + " and a transaction that ended there is open until the"
                                        + " range is repaired or it is aborted by hand")
                                .formatted(range.firstOffset(), range.endOffset() - 1));
            }
        }
    }

    /**
     * Applies the last batch of a segment, of whose records those of a marker have to be there.
     *
     * @throws LostIndexException if the segment's aborted transactions have to be read anew; those
     *     of the batch, if any, are missing from them, and all else is done
     */
    public void apply(Segment segment, RecordBatchView batch) throws IOException {
        if (!batch.hasProducer()) {
            return;
        }
        if (batch.isControl()) {
            end(segment, batch);
        } else {
            producers.applied(ProducerBatch.of(batch));
        }
    }

    private void end(Segment segment, RecordBatchView marker) throws IOException {
        ControlRecord record = readable(marker);
        if (record == null) {
            return;
        }
        var end =
                new TransactionEnd(
                        marker.producerId(),
                        marker.producerEpoch(),
                        record.coordinatorEpoch(),
                        record.commit(),
                        false);
        AbortedTransaction aborted =
                producers.ended(end, marker.baseOffset(), marker.maxTimestamp());
        if (aborted != null && indexes) {
            segment.transactions().add(aborted);
        }
    }

    private @Nullable ControlRecord readable(RecordBatchView marker) {
        try {
            return ControlRecord.of(marker);
        } catch (MalformedBatchException e) {
            state.notice(
                    "the marker at offset %d cannot be read (%s): what it ends, if anything, stays open"
                            .formatted(marker.baseOffset(), e.getMessage()));
            return null;
        }
    }
}
