package io.millrace.storage.recovery;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.LostIndexException;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentFile;
import io.millrace.storage.segment.SegmentHome;
import io.millrace.storage.segment.SegmentNames;
import io.millrace.storage.state.Checkpoint;
import io.millrace.storage.state.Checkpoint.StoredSegment;
import io.millrace.storage.state.DamageListener;
import io.millrace.storage.state.LogState;
import io.millrace.storage.state.RewrittenSegments;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Opens what a crash, or a clean stop, has left of a log. Reads only past its checkpoint. A torn
 * tail is cut; a bad range with good batches behind it, or one that was flushed, is quarantined and
 * never cut (DESIGN: corruption is never silently cut).
 */
public final class LogRecovery {
    private final Disk disk;
    private final LogState state;
    private final boolean compacted;
    private final boolean synced;
    private final KnownFiles files;

    /** What was bad when the checkpoint was stored. */
    private final Quarantine suspects = new Quarantine();

    private @Nullable Checkpoint checkpoint;
    private boolean checkpointDamaged;
    private final List<Finding> findings = new ArrayList<>();
    private boolean unclean;

    /**
     * @param home where the log lies; its folder need not exist
     * @param compacted whether the log is compacted, which leaves gaps between offsets
     * @param synced whether nothing is acknowledged before it is synced
     */
    public LogRecovery(SegmentHome home, boolean compacted, boolean synced) {
        this.disk = home.disk();
        this.compacted = compacted;
        this.synced = synced;
        this.files = new KnownFiles(compacted);
        this.state = new LogState(home, synced);
        state.onDamage(new Found());
    }

    /** What is found after the scan. */
    private final class Found implements DamageListener {
        @Override
        public void quarantined(Quarantine.Range range) {
            findings.add(new Finding.Quarantined(range));
            unclean = true;
        }

        @Override
        public void noticed(Path path, String what) {
            findings.add(new Finding.Noticed(path, what));
        }
    }

    /** Whether the log is other than its checkpoint says, or has none. */
    public boolean foundUnclean() {
        return unclean;
    }

    /**
     * Whether the process died while the log was restarted: a checkpoint has to be stored before
     * anything is, for what lies beside this one counts as old.
     */
    public boolean foundRestart() {
        return checkpoint != null && checkpoint.restarting();
    }

    /** Reads what is there, and mends it. What it returns is in order, not yet durable. */
    public LogState recover() throws IOException {
        List<String> names = disk.list(state.folder());
        if (names.isEmpty()) {
            return state;
        }
        state.folderMade();
        takeCheckpoint(names);
        if (foundRestart()) {
            unclean = true;
            LogRestart.clear(disk, state.folder());
            state.rewritten(RewrittenSegments.NONE);
            names = List.of(Checkpoint.FILE_NAME);
        }
        var bases = settleLeftovers(names);
        addSegments(bases, names);
        dropEmptyEnd();
        if (unclean || !files.areAsLeft()) {
            unclean = true;
            scan();
        } else if (!state.segments().isEmpty()) {
            state.active().skipTo(state.active().sizeBytes(), checkpointedEnd());
        }
        noteMissingSegments();
        noteMissingEnd();
        restoreProducers();
        return state;
    }

    /** What an operator should know of it, also if it failed. */
    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    private long checkpointedEnd() {
        return checkpoint == null ? -1 : checkpoint.endOffset();
    }

    private NavigableSet<Long> settleLeftovers(List<String> names) throws IOException {
        var bases = new TreeSet<Long>();
        for (String name : names) {
            Path path = state.folder().resolve(name);
            OptionalLong swapped =
                    SegmentNames.baseOffset(name, SegmentNames.LOG + SegmentNames.SWAP);
            OptionalLong data = SegmentNames.baseOffset(name, SegmentNames.LOG);
            if (name.endsWith(SegmentNames.DELETED)
                    || name.endsWith(SegmentNames.CLEANED)
                    || name.endsWith(".tmp")) {
                disk.delete(path);
            } else if (swapped.isPresent()) {
                finishSwap(path, swapped.getAsLong());
                bases.add(swapped.getAsLong());
            } else if (data.isPresent()) {
                bases.add(data.getAsLong());
            }
        }
        for (String name : names) {
            OptionalLong of = SegmentNames.baseOffset(name, SegmentNames.PRODUCERS);
            if (of.isPresent() && !bases.contains(of.getAsLong())) {
                disk.delete(state.folder().resolve(name));
            }
        }
        return bases;
    }

    /** A compacted segment was complete when it got its swap name: it takes its place now. */
    private void finishSwap(Path swap, long base) throws IOException {
        disk.delete(SegmentNames.file(state.folder(), base, SegmentNames.INDEX));
        disk.delete(SegmentNames.file(state.folder(), base, SegmentNames.PRODUCERS));
        disk.syncFolder(state.folder());
        disk.rename(swap, SegmentNames.file(state.folder(), base, SegmentNames.LOG));
        unclean = true;
    }

    private void takeCheckpoint(List<String> names) throws IOException {
        Path file = state.folder().resolve(Checkpoint.FILE_NAME);
        if (!names.contains(Checkpoint.FILE_NAME)) {
            takeRewritten(names.contains(SegmentNames.FIRST));
            unclean = true;
            return;
        }
        Checkpoint found = Checkpoint.decode(disk.readWhole(file));
        takeRewritten(found != null && found.rewritesKept());
        if (found == null) {
            findings.add(new Finding.Noticed(file, "is damaged: the whole log is read instead"));
            checkpointDamaged = true;
            unclean = true;
            return;
        }
        checkpoint = found;
        files.take(found);
        state.startAt(found.logStartOffset());
        state.cleanedTo(found.cleanedTo());
        state.highWatermark(found.highWatermark());
        found.epochs().forEach(start -> state.epochs().begin(start.epoch(), start.offset()));
        found.quarantined().forEach(this::takeQuarantined);
    }

    /**
     * A folder of an older version has none, though its segments may have been compacted. A log
     * that begins at 0 and has no checkpoint is younger than its first.
     *
     * @param kept whether every file that took another's place is among them
     */
    private void takeRewritten(boolean kept) throws IOException {
        Path file = state.folder().resolve(RewrittenSegments.FILE_NAME);
        var rewritten = RewrittenSegments.decode(disk.readWhole(file));
        if (rewritten == null) {
            findings.add(
                    new Finding.Noticed(
                            file,
                            "is damaged: a compacted segment that has lost its end cannot be told"));
            return;
        }
        state.rewritten(rewritten);
        files.take(rewritten, kept);
    }

    /**
     * Bad bytes may have been repaired since, and what is behind them moved: their segment is read
     * from its beginning, and tells itself.
     */
    private void takeQuarantined(Quarantine.Range range) {
        if (range.endPosition() > range.position()) {
            suspects.add(range);
            unclean = true;
        } else {
            state.quarantine().add(range);
        }
    }

    private void addSegments(NavigableSet<Long> bases, List<String> listed) throws IOException {
        Set<String> names = Set.copyOf(listed);
        for (long base : bases) {
            long size = disk.size(SegmentNames.file(state.folder(), base, SegmentNames.LOG));
            Long next = bases.higher(base);
            StoredSegment stored = files.stored(base);
            files.found(base, size);
            long nextOffset = stored != null ? stored.nextOffset() : next != null ? next : base;
            var segment = Segment.stored(state.home(), base, size, nextOffset);
            if (names.contains(String.valueOf(segment.transactions().path().getFileName()))
                    || stored != null && stored.aborts()) {
                segment.transactions().isOnDisk();
            }
            if (stored != null && stored.sizeBytes() == size) {
                segment.withTimestamps(stored.firstTimestampMs(), stored.maxTimestampMs());
            }
            state.segments().put(base, segment);
        }
        if (!bases.isEmpty() && checkpoint == null) {
            state.startAt(bases.first());
        } else if (!bases.isEmpty()) {
            state.startAt(Math.max(state.logStartOffset(), bases.first()));
        }
    }

    /** Files that were made past the last flush and got nothing. */
    private void dropEmptyEnd() throws IOException {
        while (state.segments().size() > 1
                && state.active().sizeBytes() == 0
                && state.active().baseOffset() > checkpointedEnd()) {
            unclean = true;
            for (Path file : state.segments().pollLastEntry().getValue().paths()) {
                disk.delete(file);
            }
        }
    }

    private void scan() throws IOException {
        long recoverFrom = checkpointedEnd();
        Map.Entry<Long, Segment> first = state.segments().floorEntry(recoverFrom);
        long base = first == null ? -1 : first.getKey();
        for (Segment segment : List.copyOf(state.segments().values())) {
            if (segment.baseOffset() > state.active().baseOffset()) {
                break;
            }
            boolean shrunk = files.isChanged(segment.baseOffset());
            boolean suspect = suspects.after(segment.baseOffset(), 0) != null;
            if (segment.baseOffset() >= base || shrunk || suspect) {
                boolean whole = suspect || shrunk && segment.baseOffset() < base;
                scanSegment(segment, whole ? 0 : recoverFrom);
            }
        }
    }

    private void scanSegment(Segment segment, long recoverFrom) throws IOException {
        Map.Entry<Long, Segment> after = state.segments().higherEntry(segment.baseOffset());
        if (after == null) {
            scanSegment(segment, null, recoverFrom);
            return;
        }
        Segment next = after.getValue();
        SegmentFile file = next.file().retain();
        try {
            var behind = new Stretch(file, next.baseOffset(), next.sizeBytes(), Long.MAX_VALUE);
            scanSegment(segment, behind, recoverFrom);
        } finally {
            file.release();
        }
        closeGap(segment, next.baseOffset());
    }

    private void scanSegment(Segment segment, @Nullable Stretch after, long recoverFrom)
            throws IOException {
        long fileBytes = segment.sizeBytes();
        long endOffset = after == null ? Long.MAX_VALUE : after.segmentBase();
        BatchWalker.Range start = segment.walkTowards(recoverFrom).range();
        long position = start.from();
        long expected = start.leastOffset();
        segment.producers().forgetPast(fileBytes, recoverFrom);
        segment.forgetFrom(position, expected);
        var own = new Stretch(segment.file(), segment.baseOffset(), fileBytes, endOffset);
        boolean dense = after == null && !compacted;
        long denseFrom = dense ? state.logStartOffset() : Succession.SPARSE;
        var order = new Succession(own, after, state.quarantine(), denseFrom);
        while (position < fileBytes) {
            BatchWalker walker = segment.walk(position, fileBytes, expected);
            takeGood(segment, walker, order);
            position = walker.position();
            expected = walker.expectedOffset();
            if (position >= fileBytes) {
                segment.skipTo(fileBytes, expected);
                break;
            }
            var place =
                    new Damage.Place(
                            segment.baseOffset(), position, expected, fileBytes, endOffset);
            Quarantine.Range bad = suspect(place);
            bad = bad == null ? tears(segment).judge(segment.file(), place) : bad;
            if (bad == null) {
                cutTail(segment, place);
                break;
            }
            quarantine(bad);
            segment.skipTo(bad.endPosition(), bad.endOffset());
            position = bad.endPosition();
            expected = bad.endOffset();
        }
    }

    /** Takes batches as long as they are good. */
    private void takeGood(Segment segment, BatchWalker walker, Succession order)
            throws IOException {
        int epoch = state.epochs().epochAt(walker.range().leastOffset() - 1);
        while (walker.next() == BatchWalker.Step.BATCH
                && endsAsCheckpointed(segment, walker)
                && walker.isIntact()
                && !order.isOutOfPlace(walker, epoch)) {
            RecordBatchView batch = walker.batch();
            segment.skipTo(walker.position(), batch.baseOffset());
            segment.adoptBatch(batch);
            epoch = batch.partitionLeaderEpoch();
            state.beganBy(epoch, batch.baseOffset());
        }
    }

    /**
     * What was the last batch at the checkpoint ends where it did. Of the active segment only:
     * others may have been compacted or repaired since.
     */
    private boolean endsAsCheckpointed(Segment segment, BatchWalker walker) {
        StoredSegment stored = files.stored(segment.baseOffset());
        return stored == null
                || segment != state.active()
                || walker.nextPosition() != stored.sizeBytes()
                || walker.batch().lastOffset() < stored.nextOffset();
    }

    /** The range that was known to begin there, and so has not been repaired; null if none was. */
    private Quarantine.@Nullable Range suspect(Damage.Place place) {
        Quarantine.Range before = suspects.after(place.segmentBase(), place.position());
        boolean same =
                before != null
                        && before.position() == place.position()
                        && before.firstOffset() == place.expectedOffset()
                        && before.endPosition() <= place.limit();
        return same ? before : null;
    }

    /**
     * A log that begins at 0 and has no checkpoint is younger than its first, which comes within
     * seconds, at the latest with a cut or a restart: what is in it counts as what comes after one.
     */
    private Tears tears(Segment segment) {
        boolean asWritten =
                checkpoint != null
                        ? checkpoint.synced()
                        : !checkpointDamaged && state.segments().firstKey() == 0;
        return new Tears(
                synced && asWritten, files.mayEndEarly(segment.baseOffset()), checkpointedEnd());
    }

    private void cutTail(Segment segment, Damage.Place place) throws IOException {
        findings.add(
                new Finding.TailCut(
                        segment.path(), place.position(), place.limit() - place.position()));
        segment.truncate(place.position(), place.expectedOffset());
    }

    /** Offsets that ought to be before the next segment, and are not. Compaction leaves such. */
    private void closeGap(Segment segment, long endOffset) throws IOException {
        segment.skipTo(segment.sizeBytes(), files.endIfUnchanged(segment.baseOffset()));
        long end = segment.nextOffset();
        if (end < endOffset && tears(segment).hasTornOff(segment, endOffset)) {
            cutBehind(segment);
            return;
        }
        boolean legal = files.mayEndEarly(segment.baseOffset()) || Tears.isFar(segment, endOffset);
        if (end < endOffset && !legal) {
            long position = segment.sizeBytes();
            quarantine(
                    new Quarantine.Range(segment.baseOffset(), position, position, end, endOffset));
        }
        segment.skipTo(segment.sizeBytes(), endOffset);
    }

    /** Power went after a roll, and of what was not synced the disk kept the newer part only. */
    private void cutBehind(Segment segment) throws IOException {
        while (state.active() != segment) {
            Segment last = state.segments().pollLastEntry().getValue();
            findings.add(new Finding.TailCut(last.path(), 0, last.sizeBytes()));
            last.releaseFile();
            for (Path file : last.paths()) {
                disk.delete(file);
            }
        }
        disk.syncFolder(state.folder());
    }

    private void quarantine(Quarantine.Range bad) {
        if (state.quarantine().add(bad)) {
            findings.add(new Finding.Quarantined(bad));
        }
    }

    /** Whole segments that were flushed and are gone. */
    private void noteMissingSegments() {
        if (checkpoint == null) {
            return;
        }
        for (StoredSegment stored : checkpoint.segments()) {
            long firstLost = Math.max(stored.baseOffset(), state.logStartOffset());
            boolean lost =
                    !state.segments().containsKey(stored.baseOffset())
                            && stored.nextOffset() > state.logStartOffset();
            if (lost) {
                unclean = true;
                quarantine(
                        new Quarantine.Range(
                                stored.baseOffset(), 0, 0, firstLost, stored.nextOffset()));
            }
        }
    }

    /** Offsets at the end that were flushed and are gone: they are not given out again. */
    private void noteMissingEnd() {
        long flushedTo = checkpointedEnd();
        long end = state.logEndOffset();
        if (end >= flushedTo) {
            return;
        }
        unclean = true;
        if (state.segments().isEmpty()) {
            findings.add(
                    new Finding.Noticed(
                            state.folder(), "holds no segment, though it ended at " + flushedTo));
            state.startAt(flushedTo);
            return;
        }
        Segment last = state.active();
        quarantine(
                new Quarantine.Range(
                        last.baseOffset(), last.sizeBytes(), last.sizeBytes(), end, flushedTo));
        last.skipTo(last.sizeBytes(), flushedTo);
    }

    private void restoreProducers() throws IOException {
        Checkpoint known = checkpoint;
        boolean usable = known != null && state.producers().restore(known.producers());
        try {
            if (usable) {
                forgetAbortedFrom(checkpointedEnd());
            }
        } catch (LostIndexException e) {
            findings.add(new Finding.Noticed(state.folder(), String.valueOf(e.getMessage())));
            usable = false;
        }
        if (usable) {
            ProducerReplay.from(state, checkpointedEnd());
        } else {
            unclean = true;
            ProducerReplay.anew(state);
        }
    }

    /**
     * What was aborted since the checkpoint is found again by the replay. A segment that ends there
     * may know too much, if the process died while it was cut.
     */
    private void forgetAbortedFrom(long offset) throws IOException {
        for (Segment segment : state.segments().values()) {
            if (segment.nextOffset() >= offset) {
                segment.transactions().truncate(offset);
            }
        }
    }
}
