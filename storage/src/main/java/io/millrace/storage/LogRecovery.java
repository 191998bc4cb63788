package io.millrace.storage;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.ProducerBatch;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Opens what a crash, or a clean stop, has left of a log. Reads only past the last known flush. A
 * torn tail is cut; a bad range with good batches behind it, or one that was flushed, is
 * quarantined and never cut (DESIGN: corruption is never silently cut).
 */
final class LogRecovery {
    private static final int SEARCH_CHUNK_BYTES = 1 << 20;

    private final LogEnvironment env;
    private final LogState state;
    private final int indexIntervalBytes;
    private boolean changed;

    LogRecovery(LogEnvironment env, Path folder, LogConfig config) {
        this.env = env;
        this.state = new LogState(folder);
        this.indexIntervalBytes = config.segment().indexIntervalBytes();
    }

    /** Whether the files on disk were found other than a clean stop leaves them. */
    boolean foundUnclean() {
        return changed;
    }

    LogState recover() throws IOException {
        List<String> names = env.disk().list(state.folder);
        if (names.isEmpty()) {
            return state;
        }
        var bases = settleLeftovers(names);
        Checkpoint checkpoint = readCheckpoint(names);
        long recoverFrom = checkpoint == null ? Long.MIN_VALUE : checkpoint.recoveryOffset();
        if (checkpoint != null) {
            state.logStartOffset = checkpoint.logStartOffset();
            state.cleanedTo = checkpoint.cleanedTo();
            checkpoint.epochs().forEach(start -> state.epochs.begin(start.epoch(), start.offset()));
            checkpoint.quarantined().forEach(state.quarantine::add);
        }
        addSegments(bases);
        if (state.segments.isEmpty()) {
            return state;
        }
        if (checkpoint == null || checkpoint.clean()) {
            state.logStartOffset = Math.max(state.logStartOffset, bases.first());
        }
        if (checkpoint != null && isUntouchedSince(checkpoint)) {
            state.active().adopt(checkpoint.lastSegmentBytes(), checkpoint.stateOffset());
        } else {
            changed = true;
            scan(recoverFrom);
        }
        state.logStartOffset = Math.max(state.logStartOffset, bases.first());
        restoreProducers(checkpoint);
        state.recoveryOffset = state.logEndOffset();
        return state;
    }

    private NavigableSet<Long> settleLeftovers(List<String> names) throws IOException {
        var bases = new TreeSet<Long>();
        for (String name : names) {
            Path path = state.folder.resolve(name);
            OptionalLong swapped =
                    SegmentNames.baseOffset(name, SegmentNames.LOG + SegmentNames.SWAP);
            OptionalLong data = SegmentNames.baseOffset(name, SegmentNames.LOG);
            if (name.endsWith(SegmentNames.DELETED)
                    || name.endsWith(SegmentNames.CLEANED)
                    || name.endsWith(".tmp")) {
                env.disk().delete(path);
            } else if (swapped.isPresent()) {
                finishSwap(path, swapped.getAsLong());
                bases.add(swapped.getAsLong());
            } else if (data.isPresent()) {
                bases.add(data.getAsLong());
            }
        }
        return bases;
    }

    /** A compacted segment was complete when it got its swap name: it takes its place now. */
    private void finishSwap(Path swap, long base) throws IOException {
        env.disk().delete(SegmentNames.file(state.folder, base, SegmentNames.INDEX));
        env.disk().rename(swap, SegmentNames.file(state.folder, base, SegmentNames.LOG));
        changed = true;
    }

    private @Nullable Checkpoint readCheckpoint(List<String> names) throws IOException {
        if (!names.contains(Checkpoint.FILE_NAME)) {
            return null;
        }
        Path file = state.folder.resolve(Checkpoint.FILE_NAME);
        Checkpoint checkpoint = Checkpoint.decode(env.disk().readWhole(file));
        if (checkpoint == null) {
            env.events().noticed(file, "is damaged: the whole log is read instead");
        }
        return checkpoint;
    }

    private void addSegments(NavigableSet<Long> bases) throws IOException {
        Disk disk = env.disk();
        for (long base : bases) {
            Path file = SegmentNames.file(state.folder, base, SegmentNames.LOG);
            Long next = bases.higher(base);
            state.segments.put(
                    base,
                    new Segment(
                            disk,
                            state.folder,
                            base,
                            indexIntervalBytes,
                            disk.size(file),
                            next == null ? base : next));
        }
    }

    private boolean isUntouchedSince(Checkpoint checkpoint) {
        return checkpoint.clean()
                && !changed
                && state.active().sizeBytes() == checkpoint.lastSegmentBytes()
                && state.active().baseOffset() <= checkpoint.stateOffset();
    }

    private void scan(long recoverFrom) throws IOException {
        Map.Entry<Long, Segment> first = state.segments.floorEntry(recoverFrom);
        long base = first == null ? state.segments.firstKey() : first.getKey();
        for (Segment segment : List.copyOf(state.segments.tailMap(base).values())) {
            scanSegment(segment, recoverFrom);
        }
    }

    private void scanSegment(Segment segment, long recoverFrom) throws IOException {
        long fileBytes = segment.sizeBytes();
        Map.Entry<Long, Segment> after = state.segments.higherEntry(segment.baseOffset());
        long endOffset = after == null ? Long.MAX_VALUE : after.getKey();
        long from = recoverFrom > segment.baseOffset() ? segment.floorPosition(recoverFrom) : 0;
        long expected = from == 0 ? segment.baseOffset() : firstOffsetAt(segment, from, fileBytes);
        segment.truncateIndexTo(from, expected);
        long position = from;
        while (position < fileBytes) {
            Quarantine.Range known = state.quarantine.after(segment.baseOffset(), position);
            long limit = known == null ? fileBytes : known.position();
            var walker = new BatchWalker(segment.file(), position, limit, expected, true);
            position = walkGood(segment, walker);
            expected = segment.nextOffset();
            if (position >= fileBytes) {
                break;
            }
            Quarantine.Range bad =
                    known != null && position == known.position()
                            ? known
                            : judge(segment, position, fileBytes, expected, endOffset, recoverFrom);
            if (bad == null) {
                cutTail(segment, position, fileBytes);
                break;
            }
            skip(segment, bad);
            position = bad.endPosition();
            expected = bad.endOffset();
        }
        if (after != null) {
            segment.adopt(segment.sizeBytes(), Math.max(segment.nextOffset(), endOffset));
        }
    }

    private static long firstOffsetAt(Segment segment, long position, long limit)
            throws IOException {
        var walker = new BatchWalker(segment.file(), position, limit, segment.baseOffset(), false);
        return walker.next() == BatchWalker.Step.BATCH
                ? walker.batch().baseOffset()
                : segment.baseOffset();
    }

    /** Takes batches as long as they are good; returns where the first that is not begins. */
    private long walkGood(Segment segment, BatchWalker walker) throws IOException {
        while (walker.next() == BatchWalker.Step.BATCH && walker.batch().isCrcValid()) {
            RecordBatchView batch = walker.batch();
            segment.adoptBatch(batch, walker.position());
            state.epochs.begin(batch.partitionLeaderEpoch(), batch.baseOffset());
        }
        return walker.position();
    }

    /** What a bad place is: a torn tail (null), or a range to quarantine. */
    private Quarantine.@Nullable Range judge(
            Segment segment,
            long position,
            long fileBytes,
            long expected,
            long endOffset,
            long recoverFrom)
            throws IOException {
        var found = findGood(segment, position + 1, fileBytes, expected, endOffset);
        if (found != null) {
            return new Quarantine.Range(
                    segment.baseOffset(), position, found.position(), expected, found.offset());
        }
        boolean last = endOffset == Long.MAX_VALUE;
        if (last && expected >= recoverFrom) {
            return null;
        }
        long end = last ? Math.max(recoverFrom, expected + 1) : Math.max(endOffset, expected);
        return new Quarantine.Range(segment.baseOffset(), position, fileBytes, expected, end);
    }

    private record Found(long position, long offset) {}

    /** The next place that holds a whole batch with a right CRC and a later offset. */
    private static @Nullable Found findGood(
            Segment segment, long from, long fileBytes, long leastOffset, long endOffset)
            throws IOException {
        var chunk = ByteBuffer.allocate(SEARCH_CHUNK_BYTES);
        for (long at = from; at + RecordBatchView.HEADER_BYTES <= fileBytes; ) {
            chunk.clear();
            int read = segment.file().disk().read(chunk, at);
            int starts = read - RecordBatchView.HEADER_BYTES + 1;
            for (int i = 0; i < starts; i++) {
                boolean maybe =
                        chunk.get(i + 16) == RecordBatchView.MAGIC
                                && chunk.getLong(i) > leastOffset
                                && chunk.getLong(i) < endOffset
                                && chunk.getInt(i + 8) > 0;
                if (maybe && isGoodAt(segment, at + i, fileBytes, leastOffset)) {
                    return new Found(at + i, chunk.getLong(i));
                }
            }
            if (starts <= 0) {
                break;
            }
            at += starts;
        }
        return null;
    }

    private static boolean isGoodAt(Segment segment, long at, long fileBytes, long leastOffset)
            throws IOException {
        var walker = new BatchWalker(segment.file(), at, fileBytes, leastOffset, true);
        return walker.next() == BatchWalker.Step.BATCH && walker.batch().isCrcValid();
    }

    private void cutTail(Segment segment, long position, long fileBytes) throws IOException {
        env.events().tailTruncated(segment.path(), position, fileBytes - position);
        segment.truncate(position, segment.nextOffset());
    }

    private void skip(Segment segment, Quarantine.Range bad) {
        if (state.quarantine.add(bad)) {
            env.events().quarantined(state.folder, bad);
        }
        segment.adopt(bad.endPosition(), bad.endOffset());
    }

    private void restoreProducers(@Nullable Checkpoint checkpoint) throws IOException {
        boolean usable =
                checkpoint != null
                        && checkpoint.stateOffset() <= state.logEndOffset()
                        && state.producers.restore(checkpoint.producers());
        long from = usable && checkpoint != null ? checkpoint.stateOffset() : state.logStartOffset;
        if (!usable) {
            state.producers.clear();
        }
        if (from < state.logEndOffset()) {
            replayProducers(from);
        }
    }

    private void replayProducers(long from) throws IOException {
        Map.Entry<Long, Segment> first = state.segments.floorEntry(from);
        long base = first == null ? state.segments.firstKey() : first.getKey();
        for (Segment segment : state.segments.tailMap(base).values()) {
            long position = from > segment.baseOffset() ? segment.floorPosition(from) : 0;
            while (position < segment.sizeBytes()) {
                Quarantine.Range bad = state.quarantine.after(segment.baseOffset(), position);
                long limit = bad == null ? segment.sizeBytes() : bad.position();
                replayProducers(segment, position, limit, from);
                position = bad == null ? limit : bad.endPosition();
            }
        }
    }

    private void replayProducers(Segment segment, long position, long limit, long from)
            throws IOException {
        var walker = new BatchWalker(segment.file(), position, limit, segment.baseOffset(), false);
        while (walker.next() == BatchWalker.Step.BATCH) {
            RecordBatchView batch = walker.batch();
            if (batch.hasProducer() && !batch.isControl() && batch.baseOffset() >= from) {
                state.producers.applied(ProducerBatch.of(batch));
            }
        }
    }
}
