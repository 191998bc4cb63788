package io.millrace.storage.segment;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.disk.DiskFile;
import io.millrace.storage.disk.DiskFullException;
import io.millrace.storage.disk.OpenFiles;
import io.millrace.storage.plan.SegmentFacts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One segment of a log: a data file whose batches continue each other, and the sparse index of it.
 * Holds no file and no index in memory while it is not in use. Belongs to the log's owner.
 */
public final class Segment implements OpenFiles.Holder {
    /** No batch has a timestamp. */
    public static final long NO_TIMESTAMP = -1;

    private final SegmentHome home;
    private final long baseOffset;
    private @Nullable SegmentFile file;
    private @Nullable SegmentIndex index;
    private long sizeBytes;
    private long nextOffset;
    private long firstTimestampMs = NO_TIMESTAMP;
    private long maxTimestampMs = NO_TIMESTAMP;
    private boolean timestampsKnown;
    private boolean fileMade;
    private long bytesSinceEntry;
    private long lastUsedMs;
    private BatchWalker.@Nullable Range cutShort;
    private final SegmentTransactions transactions;
    private @Nullable SegmentProducers producers;

    private Segment(SegmentHome home, long baseOffset, long sizeBytes, long nextOffset) {
        this.home = home;
        this.baseOffset = baseOffset;
        this.sizeBytes = sizeBytes;
        this.nextOffset = nextOffset;
        this.transactions = new SegmentTransactions(home, baseOffset);
    }

    /** A segment that has no file yet: its first append makes one. */
    public static Segment fresh(SegmentHome home, long baseOffset) {
        var segment = new Segment(home, baseOffset, 0, baseOffset);
        segment.index = new SegmentIndex();
        segment.timestampsKnown = true;
        segment.producers().isNew();
        return segment;
    }

    /**
     * A segment that is on disk.
     *
     * @param sizeBytes bytes of the data file that hold batches
     * @param nextOffset offset after the last record; the base offset if there is none
     */
    public static Segment stored(
            SegmentHome home, long baseOffset, long sizeBytes, long nextOffset) {
        var segment = new Segment(home, baseOffset, sizeBytes, nextOffset);
        segment.fileMade = true;
        return segment;
    }

    /** Takes from a checkpoint what would have to be read from the file otherwise. */
    public Segment withTimestamps(long firstMs, long maxMs) {
        firstTimestampMs = firstMs;
        maxTimestampMs = maxMs;
        timestampsKnown = true;
        return this;
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
        return home.file(baseOffset, SegmentNames.LOG);
    }

    private Path indexPath() {
        return home.file(baseOffset, SegmentNames.INDEX);
    }

    /** Its files, the data file first. */
    public List<Path> paths() {
        return List.of(path(), indexPath(), transactions.path(), producers().path());
    }

    /** The aborted transactions that it ends. */
    public SegmentTransactions transactions() {
        return transactions;
    }

    /** What producers did in it. */
    public SegmentProducers producers() {
        SegmentProducers known = producers;
        if (known == null) {
            known = new SegmentProducers(home, this);
            producers = known;
        }
        return known;
    }

    /** The data file, opened if it was not. Not held for the caller. */
    public SegmentFile file() throws IOException {
        SegmentFile open = file;
        if (open == null) {
            Path path = path();
            open = new SegmentFile(path, home.disk().open(path));
            file = open;
        }
        home.openFiles().used(this);
        return open;
    }

    /** Whether it has a data file. */
    public boolean isOnDisk() {
        return fileMade;
    }

    /** Notes that the segment is in use. */
    public void touch(long nowMs) {
        lastUsedMs = nowMs;
    }

    /** Lets go of the file and the index if the segment was not used since {@code beforeMs}. */
    public void closeIfIdleSince(long beforeMs) throws IOException {
        if (isOpen() && lastUsedMs < beforeMs) {
            close();
        }
    }

    /** Whether it holds more than what it needs when idle. */
    public boolean isOpen() {
        return file != null || index != null;
    }

    /** Stores the index and lets go of everything, but of the index if it cannot be stored. */
    public void close() throws IOException {
        try {
            storeIndex();
            index = sizeBytes == 0 ? index : null;
        } finally {
            transactions.close();
            closeProducers();
            releaseFile();
        }
    }

    private void closeProducers() {
        SegmentProducers known = producers;
        if (known != null) {
            known.close();
            producers = known.isIdle() ? null : known;
        }
    }

    /** Lets go of the file without storing anything. */
    public void releaseFile() {
        if (file != null) {
            home.openFiles().closed(this);
            closeFile();
        }
    }

    @Override
    public void closeFile() {
        if (file != null) {
            file.release();
            file = null;
        }
    }

    /**
     * Keeps the file open, if it is, until {@link #fileMayClose}: what was written is to be synced.
     */
    public void keepFileOpen() {
        home.openFiles().keep(this);
    }

    /** Takes back {@link #keepFileOpen}. */
    public void fileMayClose() {
        home.openFiles().letGo(this);
    }

    /**
     * Writes batches at the end, in one call. If the disk fails, the segment is as before, and
     * {@link #repairTail} has to cut what was written.
     *
     * @param batches one or more, whole, with the offsets they are to have
     * @param view is led over them
     * @return whether this made the data file
     */
    public boolean append(ByteBuffer batches, RecordBatchView view) throws IOException {
        SegmentIndex entries = index();
        timestamps();
        producers().load();
        file().disk().write(batches.duplicate(), sizeBytes);
        for (int at = batches.position(); at < batches.limit(); at += view.sizeBytes()) {
            view.wrap(batches, at);
            long position = sizeBytes;
            note(entries, view, view.sizeBytes());
            producers().take(view, position);
        }
        boolean made = !fileMade;
        fileMade = true;
        return made;
    }

    /** Takes a batch that recovery has read at the end of what is known. */
    public void adoptBatch(RecordBatchView view) throws IOException {
        SegmentIndex entries = index();
        timestamps();
        note(entries, view, view.sizeBytes());
    }

    private void note(SegmentIndex entries, RecordBatchView view, int length) {
        addEntryIfDue(entries, view.baseOffset(), sizeBytes, maxTimestampMs);
        bytesSinceEntry += length;
        if (firstTimestampMs == NO_TIMESTAMP) {
            firstTimestampMs = view.maxTimestamp();
        }
        maxTimestampMs = Math.max(maxTimestampMs, view.maxTimestamp());
        sizeBytes += length;
        nextOffset = view.lastOffset() + 1;
    }

    private void addEntryIfDue(
            SegmentIndex entries, long offset, long position, long maxTimestampBefore) {
        if (bytesSinceEntry > home.indexIntervalBytes()) {
            entries.add((int) (offset - baseOffset), (int) position, maxTimestampBefore);
            bytesSinceEntry = 0;
        }
    }

    /** Cuts the data file back to what is known to be whole, after a write that failed. */
    public void repairTail() throws IOException {
        file().disk().truncate(sizeBytes);
    }

    /** Cuts off everything from a position on, which holds the batch at {@code newNextOffset}. */
    public void truncate(long position, long newNextOffset) throws IOException {
        producers().forgetPast(position, newNextOffset);
        file().disk().truncate(position);
        forgetFrom(position, newNextOffset);
    }

    /** Forgets what is known from a position on, durably: it was cut, or will be read again. */
    public void forgetFrom(long position, long newNextOffset) throws IOException {
        SegmentIndex entries = index();
        if (entries.truncate(position)) {
            replaceIndex(entries);
        }
        sizeBytes = position;
        nextOffset = newNextOffset;
        forgetWhatIsDerived();
    }

    private void replaceIndex(SegmentIndex entries) throws IOException {
        ByteBuffer block = entries.encodeAll();
        int bytes = block.remaining();
        try {
            home.disk().replace(indexPath(), block, true);
            entries.stored(bytes);
        } catch (DiskFullException e) {
            home.disk().delete(indexPath());
            home.disk().syncFolder(home.folder());
            entries.forgetStored();
        }
    }

    /** Has index and timestamps read again when they are needed: a range was quarantined. */
    public void forgetWhatIsDerived() throws IOException {
        index = sizeBytes == 0 ? new SegmentIndex() : null;
        bytesSinceEntry = 0;
        firstTimestampMs = NO_TIMESTAMP;
        maxTimestampMs = NO_TIMESTAMP;
        timestampsKnown = sizeBytes == 0;
        cutShort = null;
    }

    /** Steps over bytes that recovery has found to be no batches to be served. */
    public void skipTo(long position, long offset) {
        sizeBytes = position;
        nextOffset = Math.max(nextOffset, offset);
    }

    /**
     * Adds the index entries that are not in the index file to it, and what is known of producers
     * to theirs. Not durable.
     */
    public void storeIndex() throws IOException {
        if (producers != null) {
            producers.store();
        }
        SegmentIndex entries = index;
        if (entries == null || !entries.hasUnstored()) {
            return;
        }
        ByteBuffer block = entries.encodeUnstored();
        int end = entries.storedBytes() + block.remaining();
        DiskFile target = home.disk().open(indexPath());
        try {
            target.truncate(entries.storedBytes());
            target.write(block, entries.storedBytes());
        } finally {
            target.close();
        }
        entries.stored(end);
    }

    /** The index: from its file, and from the data file where that ends too early. */
    private SegmentIndex index() throws IOException {
        SegmentIndex loaded = index;
        if (loaded != null) {
            return loaded;
        }
        loaded = SegmentIndex.decode(home.disk().readWhole(indexPath()), sizeBytes);
        int last = loaded.count() - 1;
        if (last >= 0 && !isBatchAt(loaded.position(last), loaded.relativeOffset(last))) {
            loaded = new SegmentIndex();
            last = -1;
        }
        long from = last < 0 ? 0 : loaded.position(last);
        long largest = last < 0 ? NO_TIMESTAMP : loaded.maxTimestampBefore(last);
        bytesSinceEntry = 0;
        BatchWalker walker = walk(from);
        BatchWalker.Step step = walker.next();
        while (step == BatchWalker.Step.BATCH) {
            RecordBatchView batch = walker.batch();
            addEntryIfDue(loaded, batch.baseOffset(), walker.position(), largest);
            bytesSinceEntry += batch.sizeBytes();
            largest = Math.max(largest, batch.maxTimestamp());
            step = walker.next();
        }
        cutShort = step == BatchWalker.Step.BAD ? walker.range() : null;
        if (!timestampsKnown) {
            firstTimestampMs = firstBatchTimestampMs();
            maxTimestampMs = largest;
            timestampsKnown = true;
        }
        index = loaded;
        return loaded;
    }

    private long firstBatchTimestampMs() throws IOException {
        BatchWalker first = walk(0);
        return first.next() == BatchWalker.Step.BATCH ? first.batch().maxTimestamp() : NO_TIMESTAMP;
    }

    private boolean isBatchAt(long position, int relativeOffset) throws IOException {
        BatchWalker walker = walk(position);
        return walker.next() == BatchWalker.Step.BATCH
                && walker.position() == position
                && walker.batch().baseOffset() == baseOffset + relativeOffset;
    }

    /** Walks the batches from a position on, past quarantined ranges. */
    public BatchWalker walk(long from) throws IOException {
        return walk(from, sizeBytes, baseOffset);
    }

    /** Walks the batches between two positions, of which the first is not before an offset. */
    public BatchWalker walk(long from, long limit, long leastOffset) throws IOException {
        var range = new BatchWalker.Range(baseOffset, from, limit, leastOffset);
        return new BatchWalker(file(), range, home.quarantine());
    }

    /** Whether the index cannot take another entry. */
    public boolean isIndexFull(int maxIndexBytes) {
        return index != null && (index.count() + 1L) * SegmentIndex.ENTRY_BYTES > maxIndexBytes;
    }

    /** Walks from a batch that is not after the one which holds {@code offset}. */
    public BatchWalker walkTowards(long offset) throws IOException {
        return walkFromEntry(index().floorByOffset(offset - baseOffset));
    }

    /** An offset that every batch is before which begins before a position. */
    public long offsetPast(long position) throws IOException {
        SegmentIndex entries = index();
        int entry = entries.ceilingByPosition(position);
        return entry < 0 ? nextOffset : baseOffset + entries.relativeOffset(entry);
    }

    /** Walks from a batch before which every timestamp is below {@code timestampMs}. */
    public BatchWalker walkTowardsTime(long timestampMs) throws IOException {
        return walkFromEntry(index().floorByTime(timestampMs));
    }

    private BatchWalker walkFromEntry(int entry) throws IOException {
        SegmentIndex entries = index();
        return entry < 0
                ? walk(0)
                : walk(
                        entries.position(entry),
                        sizeBytes,
                        baseOffset + entries.relativeOffset(entry));
    }

    /**
     * The walk that met something bad when the index was made: index and timestamps may lack what
     * is behind it. Null if there is none such.
     */
    public BatchWalker.@Nullable Range cutShort() {
        return cutShort;
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
        if (!timestampsKnown) {
            index();
        }
    }

    /** What decisions need; {@code whenUntimed} stands in where no batch has a timestamp. */
    public SegmentFacts facts(long whenUntimed) throws IOException {
        long newest = maxTimestampMs();
        return new SegmentFacts(
                baseOffset, nextOffset, sizeBytes, newest == NO_TIMESTAMP ? whenUntimed : newest);
    }
}
