package io.millrace.storage;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.Segment;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds batches and records in a log's segments. Changes nothing; belongs to the log's owner. */
final class LogReader {
    private final LogState state;
    private final RecentBatches recent;

    LogReader(LogState state, RecentBatches recent) {
        this.state = state;
        this.recent = recent;
    }

    /** A batch's place; {@code sizeBytes} is -1 where only the place was needed. */
    private record Place(Segment segment, long position, int sizeBytes) {}

    LogSlice read(long offset, long endOffset, int maxBytes, boolean atLeastOneBatch, long nowMs)
            throws IOException {
        Quarantine.Range bad = state.quarantine.holding(offset);
        if (bad != null) {
            throw new CorruptRangeException(state.folder, offset, bad);
        }
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
        return size == 0
                ? LogSlice.empty()
                : new LogSlice(
                        segment.file(), place.position(), (int) Math.min(size, Integer.MAX_VALUE));
    }

    private int sizeAt(Place place) throws IOException {
        if (place.sizeBytes() >= 0) {
            return place.sizeBytes();
        }
        Segment segment = place.segment();
        var walker =
                new BatchWalker(
                        segment.file(),
                        place.position(),
                        segment.sizeBytes(),
                        segment.baseOffset(),
                        false);
        return walker.next() == BatchWalker.Step.BATCH ? walker.batch().sizeBytes() : 0;
    }

    /** The first batch that ends at or after an offset; null if there is none. */
    private @Nullable Place find(long offset) throws IOException {
        Map.Entry<Long, Segment> entry = state.segments.floorEntry(offset);
        if (entry == null) {
            entry = state.segments.firstEntry();
        }
        while (entry != null) {
            Segment segment = entry.getValue();
            Place place = offset < segment.nextOffset() ? findIn(segment, offset) : null;
            if (place != null) {
                return place;
            }
            entry = state.segments.higherEntry(segment.baseOffset());
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
        var walker = walkTowards(segment, offset);
        while (walker.next() == BatchWalker.Step.BATCH) {
            if (walker.batch().lastOffset() >= offset) {
                return new Place(segment, walker.position(), walker.batch().sizeBytes());
            }
        }
        return null;
    }

    private BatchWalker walkTowards(Segment segment, long offset) throws IOException {
        long from = segment.floorPosition(offset);
        for (Quarantine.Range range : state.quarantine.all()) {
            if (range.segmentBase() == segment.baseOffset() && range.endOffset() <= offset) {
                from = Math.max(from, range.endPosition());
            }
        }
        return new BatchWalker(
                segment.file(), from, segment.sizeBytes(), segment.baseOffset(), false);
    }

    /** The position that a read from {@code position} may not pass. */
    private long limit(Segment segment, long position, long endOffset) throws IOException {
        Quarantine.Range bad = state.quarantine.after(segment.baseOffset(), position);
        long limit = bad == null ? segment.sizeBytes() : bad.position();
        if (endOffset >= segment.nextOffset()) {
            return limit;
        }
        long known = segment == state.active() ? recent.positionOf(endOffset) : -1;
        if (known >= 0) {
            return Math.min(limit, known);
        }
        var walker = walkTowards(segment, endOffset);
        while (walker.next() == BatchWalker.Step.BATCH) {
            if (walker.batch().lastOffset() >= endOffset) {
                return Math.min(limit, walker.position());
            }
        }
        return limit;
    }

    /** The first record at or after a time, below {@code endOffset}. */
    Optional<TimestampedOffset> firstAtOrAfter(long timestampMs, long endOffset)
            throws IOException {
        for (Segment segment : state.segments.values()) {
            if (segment.nextOffset() <= state.logStartOffset
                    || segment.maxTimestampMs() < timestampMs) {
                continue;
            }
            long from = segment.floorPositionByTime(timestampMs);
            var walker =
                    new BatchWalker(
                            segment.file(), from, segment.sizeBytes(), segment.baseOffset(), true);
            while (walker.next() == BatchWalker.Step.BATCH) {
                RecordBatchView batch = walker.batch();
                if (batch.baseOffset() >= endOffset) {
                    return Optional.empty();
                }
                var found =
                        batch.maxTimestamp() >= timestampMs
                                ? firstInBatch(batch, timestampMs, endOffset)
                                : Optional.<TimestampedOffset>empty();
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<TimestampedOffset> firstInBatch(
            RecordBatchView batch, long timestampMs, long endOffset) {
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                boolean served =
                        cursor.offset() >= state.logStartOffset && cursor.offset() < endOffset;
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

    /** The first of the records with the largest timestamp. */
    Optional<TimestampedOffset> ofMaxTimestamp(long endOffset) throws IOException {
        Segment newest = null;
        for (Segment segment : state.segments.values()) {
            if (segment.sizeBytes() > 0
                    && (newest == null || segment.maxTimestampMs() > newest.maxTimestampMs())) {
                newest = segment;
            }
        }
        if (newest == null || newest.maxTimestampMs() < 0) {
            return Optional.empty();
        }
        return firstAtOrAfter(newest.maxTimestampMs(), endOffset);
    }
}
