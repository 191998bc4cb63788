package io.millrace.storage;

import io.millrace.storage.batch.MalformedBatchException;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import io.millrace.storage.batch.TimestampedOffset;
import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.recovery.Inspection;
import io.millrace.storage.recovery.SegmentCheck;
import io.millrace.storage.recovery.Stretch;
import io.millrace.storage.recovery.Succession;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.RecentBatches;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds batches and records in a log's segments. What it finds to be no batch, where one has to be,
 * it has quarantined. Belongs to the log's owner.
 */
final class LogReader {
    private final LogState state;
    private final RecentBatches recent;
    private final Quarantining quarantining;

    /** Takes a range out of service. */
    interface Quarantining {
        void add(Segment segment, Quarantine.Range range) throws IOException;
    }

    LogReader(LogState state, RecentBatches recent, Quarantining quarantining) {
        this.state = state;
        this.recent = recent;
        this.quarantining = quarantining;
    }

    /** A batch's place; {@code sizeBytes} is -1 where only the place was needed. */
    private record Place(Segment segment, long position, int sizeBytes) {}

    LogSlice read(long offset, long endOffset, int maxBytes, boolean atLeastOneBatch, long nowMs)
            throws IOException {
        Place place = find(offset);
        if (place == null) {
            return LogSlice.empty();
        }
        Segment segment = place.segment();
        segment.touch(nowMs);
        long available = limit(segment, place.position(), endOffset) - place.position();
        if (available <= 0) {
            return LogSlice.empty();
        }
        long size = Math.min(available, maxBytes);
        if (atLeastOneBatch && size < available) {
            size = Math.max(size, Math.min(available, sizeAt(place)));
        }
        size = Math.min(size, unchangedFrom(segment, place.position(), size));
        if (size == 0) {
            checkServed(offset);
            return LogSlice.empty();
        }
        long end =
                size < available
                        ? Math.min(endOffset, segment.offsetPast(place.position() + size))
                        : endOffset;
        return new LogSlice(
                segment.file(), place.position(), (int) Math.min(size, Integer.MAX_VALUE), end);
    }

    /**
     * How many of the bytes there are of batches that are as they were written, as far as known.
     */
    private long unchangedFrom(Segment segment, long position, long bytes) throws IOException {
        if (segment != state.active()) {
            return bytes;
        }
        RecentBatches.Changed bad = recent.firstChanged(segment, position, position + bytes);
        if (bad == null) {
            return bytes;
        }
        quarantining.add(
                segment,
                new Quarantine.Range(
                        segment.baseOffset(),
                        bad.position(),
                        bad.endPosition(),
                        bad.baseOffset(),
                        bad.endOffset()));
        return bad.position() - position;
    }

    private static int sizeAt(Place place) throws IOException {
        if (place.sizeBytes() >= 0) {
            return place.sizeBytes();
        }
        BatchWalker walker = place.segment().walk(place.position());
        return walker.next() == BatchWalker.Step.BATCH ? walker.batch().sizeBytes() : 0;
    }

    private void checkServed(long offset) {
        Quarantine.Range bad = state.quarantine().holding(offset);
        if (bad != null) {
            throw new CorruptRangeException(state.folder(), offset, bad);
        }
    }

    /** The first batch that ends at or after an offset; null if there is none. */
    private @Nullable Place find(long offset) throws IOException {
        checkServed(offset);
        Map.Entry<Long, Segment> entry = state.segments().floorEntry(offset);
        if (entry == null) {
            entry = state.segments().firstEntry();
        }
        while (entry != null) {
            Segment segment = entry.getValue();
            Place place = offset < segment.nextOffset() ? findIn(segment, offset) : null;
            if (place != null) {
                return place;
            }
            entry = state.segments().higherEntry(segment.baseOffset());
        }
        return null;
    }

    private @Nullable Place findIn(Segment segment, long offset) throws IOException {
        if (segment == state.active()) {
            long position = recent.positionOf(offset);
            if (position >= 0) {
                return new Place(segment, position, -1);
            }
        }
        BatchWalker walker = segment.walkTowards(offset);
        while (advance(segment, walker)) {
            if (walker.batch().lastOffset() >= offset) {
                // The walk steps over what it has found to be bad just now.
                checkServed(offset);
                return new Place(segment, walker.position(), walker.batch().sizeBytes());
            }
        }
        checkServed(offset);
        return null;
    }

    /**
     * Moves to the next batch; false at the end. What is bad is quarantined, and the walk begins
     * again: the batch that led to a bad place may be the bad one.
     */
    private boolean advance(Segment segment, BatchWalker walker) throws IOException {
        while (true) {
            BatchWalker.Step step = walker.next();
            boolean good =
                    switch (step) {
                        case END -> !isEndHidden(segment, walker);
                        case BATCH -> !isOutOfPlace(segment, walker);
                        case BAD -> false;
                    };
            if (good) {
                return step == BatchWalker.Step.BATCH;
            }
            quarantining.add(segment, firstBad(segment, walker.range()));
            walker.restart();
        }
    }

    /**
     * A gap before a batch is a reason to look whether it and the one before it are as they were.
     */
    private boolean isOutOfPlace(Segment segment, BatchWalker walker) throws IOException {
        if (walker.batch().baseOffset() <= walker.expectedOffset()) {
            return false;
        }
        return !walker.isPreviousIntact()
                || new Succession(stretch(segment), null, state.quarantine(), Succession.SPARSE)
                        .isOutOfPlace(walker, LeaderEpochs.NONE);
    }

    /** The same where the segment seems to end too early. */
    private static boolean isEndHidden(Segment segment, BatchWalker walker) throws IOException {
        return walker.expectedOffset() < segment.nextOffset() && !walker.isPreviousIntact();
    }

    private static Stretch stretch(Segment segment) throws IOException {
        return new Stretch(
                segment.file(), segment.baseOffset(), segment.sizeBytes(), segment.nextOffset());
    }

    /** The first bad range of a walk that has met something bad, with every CRC checked. */
    private Quarantine.Range firstBad(Segment segment, BatchWalker.Range walked)
            throws IOException {
        Quarantine.Range bad =
                new SegmentCheck(stretch(segment), null, state.quarantine())
                        .firstBad(walked.from(), walked.leastOffset());
        if (bad == null) {
            throw new IOException(
                    "%s reads otherwise the second time, from byte %d on"
                            .formatted(segment.path(), walked.from()));
        }
        return bad;
    }

    /** The position that a read from {@code position} may not pass. */
    private long limit(Segment segment, long position, long endOffset) throws IOException {
        // Looking for it may find what is bad before it.
        long end = positionOf(segment, endOffset);
        Quarantine.Range bad = state.quarantine().after(segment.baseOffset(), position);
        return bad == null ? end : Math.min(end, bad.position());
    }

    /** Where the first batch begins that ends at or after an offset, or the segment ends. */
    private long positionOf(Segment segment, long offset) throws IOException {
        if (offset >= segment.nextOffset()) {
            return segment.sizeBytes();
        }
        long known = segment == state.active() ? recent.positionOf(offset) : -1;
        if (known >= 0) {
            return known;
        }
        BatchWalker walker = segment.walkTowards(offset);
        while (advance(segment, walker)) {
            if (walker.batch().lastOffset() >= offset) {
                return walker.position();
            }
        }
        return segment.sizeBytes();
    }

    /** The first record at or after a time, below {@code endOffset}. */
    Optional<TimestampedOffset> firstAtOrAfter(long timestampMs, long endOffset)
            throws IOException {
        Inspection.ofTimes(state);
        for (Segment segment : state.segments().values()) {
            if (segment.baseOffset() >= endOffset) {
                break;
            }
            if (segment.nextOffset() <= state.logStartOffset()
                    || segment.maxTimestampMs() < timestampMs) {
                continue;
            }
            var found = firstInSegment(segment, timestampMs, endOffset);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<TimestampedOffset> firstInSegment(
            Segment segment, long timestampMs, long endOffset) throws IOException {
        BatchWalker walker = segment.walkTowardsTime(timestampMs);
        while (advance(segment, walker) && walker.batch().baseOffset() < endOffset) {
            RecordBatchView batch = walker.batch();
            boolean holds =
                    batch.maxTimestamp() >= timestampMs
                            && batch.lastOffset() >= state.logStartOffset()
                            && walker.readRecords();
            if (holds) {
                var found = firstIn(segment, walker, timestampMs, endOffset);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<TimestampedOffset> firstIn(
            Segment segment, BatchWalker walker, long timestampMs, long endOffset)
            throws IOException {
        try {
            return firstInBatch(walker.batch(), timestampMs, endOffset);
        } catch (MalformedBatchException e) {
            quarantining.add(segment, rangeOf(segment, walker));
            return Optional.empty();
        }
    }

    /** The current batch, whose header is sound and whose records are not. */
    private static Quarantine.Range rangeOf(Segment segment, BatchWalker walker) {
        RecordBatchView batch = walker.batch();
        return new Quarantine.Range(
                segment.baseOffset(),
                walker.position(),
                walker.nextPosition(),
                batch.baseOffset(),
                batch.lastOffset() + 1);
    }

    private Optional<TimestampedOffset> firstInBatch(
            RecordBatchView batch, long timestampMs, long endOffset) {
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                boolean served =
                        cursor.offset() >= state.logStartOffset() && cursor.offset() < endOffset;
                if (served && cursor.timestampMs() >= timestampMs) {
                    return Optional.of(
                            new TimestampedOffset(
                                    cursor.offset(),
                                    cursor.timestampMs(),
                                    batch.partitionLeaderEpoch()));
                }
            }
        }
        return Optional.empty();
    }

    /** The first of the records with the largest timestamp, below {@code endOffset}. */
    Optional<TimestampedOffset> ofMaxTimestamp(long endOffset) throws IOException {
        Inspection.ofTimes(state);
        long largest = Segment.NO_TIMESTAMP;
        for (Segment segment : state.segments().values()) {
            if (segment.nextOffset() > state.logStartOffset() && segment.baseOffset() < endOffset) {
                largest = Math.max(largest, maxTimestamp(segment, endOffset));
            }
        }
        return largest == Segment.NO_TIMESTAMP
                ? Optional.empty()
                : firstAtOrAfter(largest, endOffset);
    }

    private long maxTimestamp(Segment segment, long endOffset) throws IOException {
        boolean whole =
                segment.baseOffset() >= state.logStartOffset()
                        && segment.nextOffset() <= endOffset
                        && state.quarantine().after(segment.baseOffset(), 0) == null;
        if (whole) {
            return segment.maxTimestampMs();
        }
        long largest = Segment.NO_TIMESTAMP;
        BatchWalker walker = segment.walk(0);
        while (advance(segment, walker) && walker.batch().baseOffset() < endOffset) {
            RecordBatchView batch = walker.batch();
            if (batch.baseOffset() >= state.logStartOffset() && batch.lastOffset() < endOffset) {
                largest = Math.max(largest, batch.maxTimestamp());
            } else if (batch.lastOffset() >= state.logStartOffset() && walker.readRecords()) {
                largest = Math.max(largest, maxTimestampIn(segment, walker, endOffset));
            }
        }
        return largest;
    }

    private long maxTimestampIn(Segment segment, BatchWalker walker, long endOffset)
            throws IOException {
        try {
            return maxTimestampServed(walker.batch(), endOffset);
        } catch (MalformedBatchException e) {
            quarantining.add(segment, rangeOf(segment, walker));
            return Segment.NO_TIMESTAMP;
        }
    }

    private long maxTimestampServed(RecordBatchView batch, long endOffset) {
        long largest = Segment.NO_TIMESTAMP;
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                if (cursor.offset() >= state.logStartOffset() && cursor.offset() < endOffset) {
                    largest = Math.max(largest, cursor.timestampMs());
                }
            }
        }
        return largest;
    }
}
