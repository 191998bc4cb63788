package io.millrace.storage.segment;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.plan.SegmentFacts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One segment of a log: a data file whose batches continue each other, and the sparse index of it.
 * Holds no file and no index in memory while it is not in use. Belongs to the log's owner.
 */
public final class Segment {
    /** No batch has a timestamp. */
    public static final long NO_TIMESTAMP = -1;

    private final Disk disk;
    private final Path folder;
    private final long baseOffset;
    private final int indexIntervalBytes;
    private @Nullable SegmentFile file;
    private @Nullable SegmentIndex index;
    private int indexEntriesStored;
    private long sizeBytes;
    private long nextOffset;
    private long firstTimestampMs = NO_TIMESTAMP;
    private long maxTimestampMs = NO_TIMESTAMP;
    private boolean timestampsKnown;
    private long bytesSinceEntry;
    private long lastUsedMs;

    /**
     * @param sizeBytes bytes of the data file that hold batches
     * @param nextOffset offset after the last record; the base offset if there is none
     */
    public Segment(
            Disk disk,
            Path folder,
            long baseOffset,
            int indexIntervalBytes,
            long sizeBytes,
            long nextOffset) {
        this.disk = disk;
        this.folder = folder;
        this.baseOffset = baseOffset;
        this.indexIntervalBytes = indexIntervalBytes;
        this.sizeBytes = sizeBytes;
        this.nextOffset = nextOffset;
        this.timestampsKnown = sizeBytes == 0;
        if (sizeBytes == 0) {
            index = new SegmentIndex();
        }
    }

    public long baseOffset() {
        return baseOffset;
    }

    public long nextOffset() {
        return nextOffset;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    public Path path() {
        return SegmentNames.file(folder, baseOffset, SegmentNames.LOG);
    }

    private Path indexPath() {
        return SegmentNames.file(folder, baseOffset, SegmentNames.INDEX);
    }

    /** The data file, opened if it was not. Not held for the caller. */
    public SegmentFile file() throws IOException {
        SegmentFile open = file;
        if (open == null) {
            open = new SegmentFile(path(), disk.open(path()));
            file = open;
        }
        return open;
    }

    /** Notes that the segment is in use. */
    public void touch(long nowMs) {
        lastUsedMs = nowMs;
    }

    /** Lets go of the file and the index if the segment was not used since {@code beforeMs}. */
    public void closeIfIdleSince(long beforeMs) throws IOException {
        if (file != null && lastUsedMs < beforeMs) {
            close();
        }
    }

    /** Stores the index and lets go of everything. */
    public void close() throws IOException {
        storeIndex();
        index = sizeBytes == 0 ? index : null;
        releaseFile();
    }

    /** Lets go of the file without storing anything: the segment is being deleted. */
    public void releaseFile() {
        if (file != null) {
            file.release();
            file = null;
        }
    }

    /**
     * Writes a batch at the end.
     *
     * @param batch whole, with the offsets it is to have; consumed
     * @param view a view over it
     */
    public void append(ByteBuffer batch, RecordBatchView view) throws IOException {
        long at = sizeBytes;
        int length = batch.remaining();
        long firstOffset = view.baseOffset();
        long lastOffset = view.lastOffset();
        long timestamp = view.maxTimestamp();
        SegmentIndex entries = index();
        timestamps();
        file().disk().write(batch, at);
        note(entries, firstOffset, at, length, timestamp);
        sizeBytes = at + length;
        nextOffset = lastOffset + 1;
    }

    private void note(SegmentIndex entries, long offset, long at, int length, long timestamp) {
        if (bytesSinceEntry > indexIntervalBytes) {
            entries.add((int) (offset - baseOffset), (int) at, maxTimestampMs);
            bytesSinceEntry = 0;
        }
        bytesSinceEntry += length;
        if (firstTimestampMs == NO_TIMESTAMP) {
            firstTimestampMs = timestamp;
        }
        maxTimestampMs = Math.max(maxTimestampMs, timestamp);
    }

    /** Cuts the data file back to what is known to be whole, after a write that failed. */
    public void repairTail() throws IOException {
        file().disk().truncate(sizeBytes);
    }

    /** Cuts off everything from a position on. */
    public void truncate(long position, long newNextOffset) throws IOException {
        file().disk().truncate(position);
        SegmentIndex entries = index();
        entries.truncate(position);
        indexEntriesStored = Math.min(indexEntriesStored, entries.count());
        sizeBytes = position;
        nextOffset = newNextOffset;
        timestampsKnown = false;
        firstTimestampMs = NO_TIMESTAMP;
        maxTimestampMs = NO_TIMESTAMP;
        disk.replace(indexPath(), entries.encode(), false);
    }

    /** Takes bytes that recovery has found after those known: they are no batches to be served. */
    public void adopt(long newSizeBytes, long newNextOffset) {
        sizeBytes = newSizeBytes;
        nextOffset = newNextOffset;
    }

    /** Forgets what the index and this segment know from a position on: it will be read again. */
    public void truncateIndexTo(long position, long offset) throws IOException {
        SegmentIndex entries = index();
        entries.truncate(position);
        indexEntriesStored = Math.min(indexEntriesStored, entries.count());
        bytesSinceEntry = position == 0 ? 0 : indexIntervalBytes + 1L;
        sizeBytes = position;
        nextOffset = offset;
        timestampsKnown = false;
        firstTimestampMs = NO_TIMESTAMP;
        maxTimestampMs = NO_TIMESTAMP;
    }

    /** Takes a batch that recovery has read at the end of what is known. */
    public void adoptBatch(RecordBatchView view, long at) throws IOException {
        SegmentIndex entries = index();
        timestamps();
        note(entries, view.baseOffset(), at, view.sizeBytes(), view.maxTimestamp());
        sizeBytes = at + view.sizeBytes();
        nextOffset = view.lastOffset() + 1;
    }

    /** Writes the index entries that are not on disk yet. */
    public void storeIndex() throws IOException {
        SegmentIndex entries = index;
        if (entries != null && entries.count() > indexEntriesStored) {
            disk.replace(indexPath(), entries.encode(), false);
            indexEntriesStored = entries.count();
        }
    }

    private SegmentIndex index() throws IOException {
        SegmentIndex loaded = index;
        if (loaded == null) {
            loaded = SegmentIndex.decode(disk.readWhole(indexPath()), sizeBytes);
            indexEntriesStored = loaded.count();
            if (loaded.count() == 0 && sizeBytes > indexIntervalBytes) {
                loaded = rebuildIndex();
            }
            index = loaded;
            bytesSinceEntry =
                    loaded.count() == 0
                            ? sizeBytes
                            : sizeBytes - loaded.position(loaded.count() - 1);
        }
        return loaded;
    }

    /** Reads the headers of all batches: the index was lost, or its segment was rewritten. */
    private SegmentIndex rebuildIndex() throws IOException {
        var rebuilt = new SegmentIndex();
        var walker = new BatchWalker(file(), 0, sizeBytes, baseOffset, false);
        long largest = NO_TIMESTAMP;
        long sinceEntry = 0;
        while (walker.next() == BatchWalker.Step.BATCH) {
            RecordBatchView batch = walker.batch();
            if (sinceEntry > indexIntervalBytes) {
                rebuilt.add(
                        (int) (batch.baseOffset() - baseOffset), (int) walker.position(), largest);
                sinceEntry = 0;
            }
            sinceEntry += batch.sizeBytes();
            largest = Math.max(largest, batch.maxTimestamp());
        }
        return rebuilt;
    }

    /** Whether the index cannot take another entry. */
    public boolean isIndexFull(int maxIndexBytes) {
        return index != null && (index.count() + 1L) * SegmentIndex.ENTRY_BYTES > maxIndexBytes;
    }

    /** The position of a batch not after that which holds {@code offset}, from which to walk. */
    public long floorPosition(long offset) throws IOException {
        SegmentIndex entries = index();
        int entry = entries.floorByOffset(offset - baseOffset);
        if (entry < 0) {
            return 0;
        }
        if (!isBatchAt(entries.position(entry), baseOffset + entries.relativeOffset(entry))) {
            index = new SegmentIndex();
            indexEntriesStored = 0;
            bytesSinceEntry = sizeBytes;
            return 0;
        }
        return entries.position(entry);
    }

    private boolean isBatchAt(long position, long offset) throws IOException {
        var walker = new BatchWalker(file(), position, sizeBytes, baseOffset, false);
        return walker.next() == BatchWalker.Step.BATCH && walker.batch().baseOffset() == offset;
    }

    /** A position before which every timestamp is below {@code timestampMs}. */
    public long floorPositionByTime(long timestampMs) throws IOException {
        SegmentIndex entries = index();
        int entry = entries.floorByTime(timestampMs);
        if (entry < 0
                || !isBatchAt(
                        entries.position(entry), baseOffset + entries.relativeOffset(entry))) {
            return 0;
        }
        return entries.position(entry);
    }

    /** The largest timestamp of its batches; {@link #NO_TIMESTAMP} if none has one. */
    public long maxTimestampMs() throws IOException {
        timestamps();
        return maxTimestampMs;
    }

    /** The timestamp of the first batch; {@link #NO_TIMESTAMP} if it is empty or has none. */
    public long firstTimestampMs() throws IOException {
        timestamps();
        return firstTimestampMs;
    }

    private void timestamps() throws IOException {
        if (timestampsKnown) {
            return;
        }
        timestampsKnown = true;
        SegmentIndex entries = index();
        var first = new BatchWalker(file(), 0, sizeBytes, baseOffset, false);
        if (first.next() == BatchWalker.Step.BATCH) {
            firstTimestampMs = first.batch().maxTimestamp();
        }
        int last = entries.count() - 1;
        long from = last < 0 ? 0 : entries.position(last);
        long largest = last < 0 ? NO_TIMESTAMP : entries.maxTimestampBefore(last);
        var tail = new BatchWalker(file(), from, sizeBytes, baseOffset, false);
        while (tail.next() == BatchWalker.Step.BATCH) {
            largest = Math.max(largest, tail.batch().maxTimestamp());
        }
        maxTimestampMs = Math.max(maxTimestampMs, largest);
    }

    /** What decisions need; {@code whenUntimed} stands in where no batch has a timestamp. */
    public SegmentFacts facts(long whenUntimed) throws IOException {
        long newest = maxTimestampMs();
        return new SegmentFacts(
                baseOffset, nextOffset, sizeBytes, newest == NO_TIMESTAMP ? whenUntimed : newest);
    }

    /** Renames the files out of the way; returns what is left to be deleted. */
    public Path[] retire() throws IOException {
        releaseFile();
        Path gone = SegmentNames.file(folder, baseOffset, SegmentNames.LOG + SegmentNames.DELETED);
        disk.rename(path(), gone);
        return new Path[] {gone, indexPath()};
    }
}
