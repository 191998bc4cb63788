package io.millrace.storage.state;

import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.plan.SegmentFacts;
import io.millrace.storage.producer.ProducerStates;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentHome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a log holds in memory. Mutable; belongs to the log's owner; filled by recovery. */
public final class LogState {
    private final SegmentHome home;
    private final boolean synced;
    private final NavigableMap<Long, Segment> segments = new TreeMap<>();
    private final ProducerStates producers = new ProducerStates();
    private final LeaderEpochs epochs = new LeaderEpochs();
    private long logStartOffset;
    private long cleanedTo;
    private long highWatermark = Checkpoint.NO_HIGH_WATERMARK;
    private int cuts;
    private boolean folderMade;
    private @Nullable DamageListener listener;
    private RewrittenSegments rewritten = RewrittenSegments.NONE;
    private RewrittenSegments rewrittenSinceSnapshot = RewrittenSegments.NONE;

    /**
     * An empty log.
     *
     * @param synced whether nothing is acknowledged before it is synced
     */
    public LogState(SegmentHome home, boolean synced) {
        this.home = home;
        this.synced = synced;
    }

    public Path folder() {
        return home.folder();
    }

    public SegmentHome home() {
        return home;
    }

    /** The segments by their base offsets. */
    public NavigableMap<Long, Segment> segments() {
        return segments;
    }

    /**
     * What decisions need of each segment, oldest first. One without timestamps, as compaction may
     * leave it, is as old as the one behind it; the active one then as new as {@code nowMs}.
     */
    public List<SegmentFacts> facts(long nowMs) throws IOException {
        var facts = new ArrayDeque<SegmentFacts>(segments.size());
        long behind = nowMs;
        for (Segment segment : segments.descendingMap().values()) {
            facts.addFirst(segment.facts(behind));
            behind = facts.getFirst().maxTimestampMs();
        }
        return List.copyOf(facts);
    }

    public ProducerStates producers() {
        return producers;
    }

    public LeaderEpochs epochs() {
        return epochs;
    }

    public Quarantine quarantine() {
        return home.quarantine();
    }

    /** Says who is told from now on of what is found bad. */
    public void onDamage(DamageListener told) {
        listener = told;
    }

    /**
     * Takes a bad range of a segment out of service, and tells of it.
     *
     * @return false, and nothing happens, if it is known
     */
    public boolean takeOutOfService(Segment segment, Quarantine.Range range) throws IOException {
        if (!quarantine().add(range)) {
            return false;
        }
        segment.forgetWhatIsDerived();
        if (listener != null) {
            listener.quarantined(range);
        }
        return true;
    }

    /** Tells of something that an operator should know of the log. */
    public void notice(String what) {
        if (listener != null) {
            listener.noticed(folder(), what);
        }
    }

    public long logStartOffset() {
        return logStartOffset;
    }

    /** Says where the log starts, before anything is served from it. */
    public void startAt(long offset) {
        logStartOffset = offset;
    }

    /** What is before this offset has been compacted. */
    public long cleanedTo() {
        return cleanedTo;
    }

    public void cleanedTo(long offset) {
        cleanedTo = Math.max(cleanedTo, offset);
    }

    /** What lies from this offset on is to be compacted again. */
    public void uncleanFrom(long offset) {
        cleanedTo = Math.min(cleanedTo, offset);
    }

    /** The last one recorded; {@link Checkpoint#NO_HIGH_WATERMARK} if none was. */
    public long highWatermark() {
        return highWatermark;
    }

    /** The same, but within the log; empty if none was recorded. */
    public OptionalLong boundedHighWatermark() {
        return highWatermark < 0
                ? OptionalLong.empty()
                : OptionalLong.of(Math.clamp(highWatermark, logStartOffset, logEndOffset()));
    }

    /** Records a high watermark, for the next checkpoint. */
    public void highWatermark(long offset) {
        highWatermark = offset;
    }

    /**
     * How often the end was cut off, or all of it: what was planned before holds no more, since
     * other batches may have taken the same places.
     */
    public int cuts() {
        return cuts;
    }

    /** Forgets what lies at or past an offset, but for segments and producers. */
    public void cutAt(long endOffset) {
        cuts++;
        epochs.truncateTo(endOffset);
        quarantine().truncateTo(endOffset);
        cleanedTo = Math.min(cleanedTo, endOffset);
        highWatermark = Math.min(highWatermark, endOffset);
    }

    /** Forgets everything: the log is empty, and starts at an offset. */
    public void restartAt(long offset) {
        segments.clear();
        producers.clear();
        rewritten = RewrittenSegments.NONE;
        rewrittenSinceSnapshot = RewrittenSegments.NONE;
        cutAt(0);
        logStartOffset = offset;
        highWatermark = offset;
    }

    /**
     * The segments whose files took the place of others since the checkpoint, and those before that
     * are as they were left.
     */
    public RewrittenSegments rewritten() {
        return rewritten;
    }

    /** Says which there are, as recovery has found them. */
    public void rewritten(RewrittenSegments known) {
        rewritten = known;
    }

    /** Says that these files take the place of others now. Their sizes are kept, durably. */
    public void rewrite(Collection<RewrittenSegments.DataFile> fresh) {
        rewritten = rewritten.with(fresh);
        rewrittenSinceSnapshot = rewrittenSinceSnapshot.with(fresh);
    }

    /** A checkpoint is stored that knows which of those before it are gone, or others by now. */
    private void forgetRewrites() {
        rewritten =
                rewritten.only(file -> {
                    Segment segment = segments.get(file.baseOffset());
                    boolean there = segment != null && segment.sizeBytes() == file.sizeBytes();
                    return there || rewrittenSinceSnapshot.has(file.baseOffset(), file.sizeBytes());
                });
    }

    /** Whether there is a folder, which may not be durable. */
    public boolean hasFolder() {
        return folderMade || !segments.isEmpty();
    }

    /** Whether the folder is there, durably. */
    public boolean isFolderMade() {
        return folderMade;
    }

    public void folderMade() {
        folderMade = true;
    }

    /** The segment that is written to. There is one as soon as there is any. */
    public Segment active() {
        return segments.lastEntry().getValue();
    }

    /** The offset that the next record gets. */
    public long logEndOffset() {
        Map.Entry<Long, Segment> last = segments.lastEntry();
        return last == null
                ? logStartOffset
                : Math.max(last.getValue().nextOffset(), logStartOffset);
    }

    /**
     * The offset after the last record that is there, which is less than the log's end where the
     * log starts in the middle of a batch, and that one is still missing; 0 if nothing is there.
     */
    public long writtenEnd() {
        return segments.isEmpty() ? 0 : active().nextOffset();
    }

    /** Notes the leader epoch of a batch that is there. */
    public void beganBy(int epoch, long baseOffset) {
        epochs.begin(epoch, Math.max(baseOffset, logStartOffset));
    }

    public long sizeBytes() {
        long size = 0;
        for (Segment segment : segments.values()) {
            size += segment.sizeBytes();
        }
        return size;
    }

    /** Raises the log start, and forgets what lies before it. */
    public void raiseLogStart(long offset) {
        logStartOffset = offset;
        epochs.trimTo(offset);
        quarantine().trimTo(offset, segments.keySet());
    }

    /** What is to be remembered of this moment. May open segments, and so block. */
    public LogSnapshot snapshot() throws IOException {
        var indexes = new ArrayList<LogSnapshot.IndexFile>(0);
        for (Segment segment : segments.values()) {
            ByteBuffer content = segment.transactions().takeUnstored();
            if (content != null) {
                indexes.add(
                        new LogSnapshot.IndexFile(
                                segment.transactions(), segment.transactions().path(), content));
            }
        }
        try {
            var snapshot = new LogSnapshot(checkpoint().encode(), indexes, this::forgetRewrites);
            rewrittenSinceSnapshot = RewrittenSegments.NONE;
            return snapshot;
        } catch (IOException e) {
            indexes.forEach(index -> index.owner().settle(false));
            throw e;
        }
    }

    private Checkpoint checkpoint() throws IOException {
        var stored = new ArrayList<Checkpoint.StoredSegment>(segments.size());
        for (Segment segment : segments.values()) {
            if (segment.sizeBytes() > 0) {
                stored.add(
                        new Checkpoint.StoredSegment(
                                segment.baseOffset(),
                                segment.sizeBytes(),
                                segment.nextOffset(),
                                segment.firstTimestampMs(),
                                segment.maxTimestampMs(),
                                segment.transactions().hasFile()));
            }
        }
        return new Checkpoint(
                logStartOffset,
                logEndOffset(),
                cleanedTo,
                highWatermark,
                synced,
                true,
                false,
                stored,
                epochs.starts(),
                quarantine().all(),
                producers.snapshot());
    }
}
