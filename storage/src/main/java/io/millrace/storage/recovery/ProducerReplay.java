package io.millrace.storage.recovery;

import io.millrace.storage.batch.ControlRecord;
import io.millrace.storage.batch.MalformedBatchException;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.ProducerBatch;
import io.millrace.storage.producer.ProducerStates;
import io.millrace.storage.producer.ProducerSummaries;
import io.millrace.storage.producer.ProducerSummary;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.LostIndexException;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentProducers;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Folds batches, headers and markers, into the producers' states and the segments' aborted
 * transactions. On the log's owner's thread; blocks.
 */
public final class ProducerReplay {
    /** Every marker counts, for what it aborts. */
    private static final long NOTHING_SETTLED = 0;

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
        var replay = new ProducerReplay(state, state.producers(), true);
        for (Segment segment : replay.segmentsFrom(offset)) {
            BatchWalker.Range walk = segment.walkTowards(offset).range();
            segment.producers().load();
            replay.read(segment, walk, offset, segment.producers()::take);
        }
        replay.tellOfWhatWasPassed(offset);
    }

    /** Forgets what is known of producers, and finds it out from the whole log. */
    public static void anew(LogState state) throws IOException {
        state.producers().clear();
        forgetAborted(state);
        new ProducerReplay(state, state.producers(), true).run(NOTHING_SETTLED);
    }

    /**
     * Finds out from the whole log what is known of producers only; what the segments know of
     * aborted stays.
     */
    static void producersAnew(LogState state) throws IOException {
        state.producers().clear();
        new ProducerReplay(state, state.producers(), false)
                .run(Math.max(NOTHING_SETTLED, state.highWatermark()));
    }

    /**
     * Finds out from the whole log what was aborted; of producers, what is known is known better,
     * but for transactions whose end cannot be read: they count as open, since nobody can tell who
     * reads what is committed whether they were aborted.
     */
    public static void abortedAnew(LogState state) throws IOException {
        forgetAborted(state);
        var read = new ProducerStates();
        new ProducerReplay(state, read, true).run(NOTHING_SETTLED);
        state.producers().reopen(read);
    }

    private static void forgetAborted(LogState state) {
        state.segments().values().forEach(segment -> segment.transactions().clear());
    }

    /**
     * Takes in the log from its start, of which it reads what no summary speaks of.
     *
     * @param settledTo markers before this offset stay, and have nothing to tell but who ended
     */
    private void run(long settledTo) throws IOException {
        long from = state.logStartOffset();
        for (Segment segment : segmentsFrom(from)) {
            run(segment, from, settledTo);
        }
        tellOfWhatWasPassed(from);
    }

    private List<Segment> segmentsFrom(long offset) {
        if (state.segments().isEmpty() || offset >= state.logEndOffset()) {
            return List.of();
        }
        Map.Entry<Long, Segment> first = state.segments().floorEntry(offset);
        long base = first == null ? state.segments().firstKey() : first.getKey();
        return state.segments().tailMap(base).values().stream()
                .filter(segment -> segment.sizeBytes() > 0)
                .toList();
    }

    private void run(Segment segment, long from, long settledTo) throws IOException {
        SegmentProducers known = segment.producers();
        var there = new ProducerSummaries(state.home().summaryBytes());
        BatchWalker.Range rest = segment.walkTowards(from).range();
        boolean read = false;
        for (ProducerSummary next : known.all()) {
            boolean counts =
                    next.fromPosition() >= rest.from()
                            && next.firstOffset() >= from
                            && next.changes().lastMarker() < settledTo
                            && known.isAsWritten(next);
            if (counts) {
                BatchWalker.Range gap = upTo(next.fromPosition(), rest);
                read |= look(segment, gap, next.firstOffset());
                read(segment, gap, from, there::take);
                producers.apply(next.changes());
                there.add(next);
                rest = behind(next, rest);
            }
        }
        read |= look(segment, rest, segment.nextOffset());
        read(segment, rest, from, there::take);
        if (read) {
            known.replaceBy(there.all());
        }
        if (segment != state.active()) {
            known.close();
        }
    }

    private static BatchWalker.Range upTo(long position, BatchWalker.Range rest) {
        return new BatchWalker.Range(rest.segmentBase(), rest.from(), position, rest.leastOffset());
    }

    private static BatchWalker.Range behind(ProducerSummary summary, BatchWalker.Range rest) {
        return new BatchWalker.Range(
                rest.segmentBase(), summary.endPosition(), rest.limit(), summary.endOffset());
    }

    /** Looks through what is to be read, before anything in it is believed. */
    private boolean look(Segment segment, BatchWalker.Range range, long endOffset)
            throws IOException {
        if (range.from() >= range.limit()) {
            return false;
        }
        Inspection.of(state, segment, range, endOffset);
        return true;
    }

    /** Who gets each batch that is read; a marker with its records. */
    private interface Reader {
        void take(RecordBatchView batch, long position);
    }

    private void read(Segment segment, BatchWalker.Range range, long from, Reader reader)
            throws IOException {
        if (range.from() >= range.limit()) {
            return;
        }
        BatchWalker walker = segment.walk(range.from(), range.limit(), range.leastOffset());
        BatchWalker.Step step = walker.next();
        while (step == BatchWalker.Step.BATCH) {
            RecordBatchView batch = walker.batch();
            if (batch.lastOffset() >= from) {
                if (batch.hasProducer() && batch.isControl() && !walker.readRecords()) {
                    throw readsOtherwise(segment, walker);
                }
                apply(segment, walker.batch());
                reader.take(walker.batch(), walker.position());
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
