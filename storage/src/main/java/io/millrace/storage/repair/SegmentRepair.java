package io.millrace.storage.repair;

import io.millrace.storage.batch.FetchedBatches;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskFile;
import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.plan.RepairPlan;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentFile;
import io.millrace.storage.segment.SegmentNames;
import io.millrace.storage.state.LogCommit;
import io.millrace.storage.state.LogState;
import io.millrace.storage.state.RewrittenSegments;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The repair of one quarantined range of a closed segment. What is fetched goes to a file beside
 * the segment, named {@code .cleaned} so that recovery deletes it; {@link #build} puts the rest of
 * the segment round it, and {@link #apply} renames it over the segment. A crash leaves the old
 * segment or the new one, and recovery reads either from its beginning, as it does every segment
 * that has a quarantined range. The bad bytes, up to a bound, are kept in a file beside it.
 *
 * <p>Or of one batch that looks good, but for which what lies beside it looks bad: {@link
 * Neighbours}. Only its leader epoch is taken from the other replica, so the segment keeps its
 * size, and what was known of it.
 */
public final class SegmentRepair {
    private static final int COPY_BYTES = 1 << 20;
    private static final int MOST_EVIDENCE_BYTES = 1 << 20;
    private static final int MOST_EVIDENCE_FILES = 8;

    private final Disk disk;
    private final LogState state;
    private final Segment segment;
    private final RepairPlan plan;
    private final int cuts;
    private final Path target;
    private final long oldBytes;
    private final List<Taken> taken = new ArrayList<>();
    private final SegmentFile source;
    private final DiskFile file;
    private final RewrittenSegments rewrittenBefore;
    private final @Nullable RecordBatchView neighbour;
    private List<LeaderEpochs.Start> behind = List.of();
    private long endPosition;
    private boolean ended;

    private record Taken(
            long baseOffset, long lastOffset, int epoch, long producerId, boolean transactional) {}

    /** Begins that of a range; the segment is closed and does not change. */
    public static SegmentRepair ofRange(Disk disk, LogState state, Segment segment, RepairPlan plan)
            throws IOException {
        return new SegmentRepair(disk, state, segment, plan, null);
    }

    /** Begins that of a batch beside one, which is the range of the plan. */
    public static SegmentRepair ofNeighbour(
            Disk disk, LogState state, Segment segment, RepairPlan plan) throws IOException {
        BatchWalker walker =
                segment.walk(
                        plan.range().position(),
                        plan.range().endPosition(),
                        plan.range().firstOffset());
        if (walker.next() != BatchWalker.Step.BATCH) {
            throw new IOException(
                    "%s has no batch at byte %d".formatted(segment.path(), walker.position()));
        }
        return new SegmentRepair(disk, state, segment, plan, walker.batch());
    }

    private SegmentRepair(
            Disk disk,
            LogState state,
            Segment segment,
            RepairPlan plan,
            @Nullable RecordBatchView neighbour)
            throws IOException {
        this.disk = disk;
        this.state = state;
        this.segment = segment;
        this.plan = plan;
        this.cuts = state.cuts();
        this.oldBytes = segment.sizeBytes();
        this.target =
                SegmentNames.file(
                        state.folder(),
                        segment.baseOffset(),
                        SegmentNames.LOG + SegmentNames.CLEANED);
        this.endPosition = plan.range().position();
        this.rewrittenBefore = state.rewritten();
        this.neighbour = neighbour;
        disk.delete(target);
        this.source = segment.file().retain();
        this.file = disk.open(target);
    }

    public RepairPlan plan() {
        return plan;
    }

    /** Whether it is of a batch beside the range. */
    public boolean isOfNeighbour() {
        return neighbour != null;
    }

    /**
     * Takes batches of another replica, of which the last may come in part, or reach past the
     * range: what is past it is ignored.
     *
     * @return why they are not taken; empty if they are
     */
    public String take(ByteBuffer batches) throws IOException {
        var fetched =
                new FetchedBatches(batches, plan.nextOffset(), plan.nextOffset(), plan.epoch());
        FetchedBatches.Step step = fetched.next();
        while (step == FetchedBatches.Step.BATCH) {
            RecordBatchView batch = fetched.batch();
            if (batch.baseOffset() >= plan.range().endOffset()) {
                return reachEnd();
            }
            String refusal =
                    plan.take(batch.baseOffset(), batch.lastOffset(), batch.partitionLeaderEpoch());
            refusal = refusal.isEmpty() ? refusalOfNeighbour(batch) : refusal;
            if (!refusal.isEmpty()) {
                return refusal;
            }
            write(batches, batch);
            if (neighbour != null) {
                behind = EpochCorrection.behind(state, plan.range(), neighbour);
            }
            step = fetched.next();
        }
        return step == FetchedBatches.Step.END ? "" : fetched.message();
    }

    private String reachEnd() {
        return neighbour != null && taken.isEmpty()
                ? "the batch at %d beside it is not there".formatted(plan.nextOffset())
                : plan.reach(plan.range().endOffset());
    }

    /** Whether it differs in more, or in less, than what no CRC covers; empty if not. */
    private String refusalOfNeighbour(RecordBatchView batch) {
        RecordBatchView stored = neighbour;
        if (stored == null) {
            return "";
        }
        boolean same =
                batch.baseOffset() == stored.baseOffset()
                        && batch.batchLength() == stored.batchLength()
                        && batch.crc() == stored.crc();
        if (!same) {
            return "the batch at %d beside it is another there".formatted(batch.baseOffset());
        }
        return batch.partitionLeaderEpoch() == stored.partitionLeaderEpoch()
                ? "the batch at %d beside it has the leader epoch %d there, too"
                        .formatted(batch.baseOffset(), batch.partitionLeaderEpoch())
                : "";
    }

    private void write(ByteBuffer batches, RecordBatchView batch) throws IOException {
        int from = batch.position();
        file.write(batches.duplicate().limit(from + batch.sizeBytes()).position(from), endPosition);
        endPosition += batch.sizeBytes();
        taken.add(
                new Taken(
                        batch.baseOffset(),
                        batch.lastOffset(),
                        batch.partitionLeaderEpoch(),
                        batch.hasProducer() ? batch.producerId() : -1,
                        batch.isTransactional()));
    }

    /** Writes what is before and behind the range, and syncs. Blocks; on any thread. */
    public void build() throws IOException {
        copy(0, plan.range().position(), 0);
        copy(plan.range().endPosition(), oldBytes, endPosition);
        keepEvidence();
        file.sync();
        keepSize();
    }

    /** Says which size the new file has, before it is in its place: it may end early as the old. */
    private void keepSize() throws IOException {
        RewrittenSegments all = rewrittenBefore.with(List.of(repairedFile()));
        disk.replace(state.folder().resolve(RewrittenSegments.FILE_NAME), all.encode(), true);
    }

    private RewrittenSegments.DataFile repairedFile() {
        long grownBytes = endPosition - plan.range().endPosition();
        return new RewrittenSegments.DataFile(segment.baseOffset(), oldBytes + grownBytes);
    }

    private void copy(long from, long to, long at) throws IOException {
        var chunk = ByteBuffer.allocate((int) Math.min(COPY_BYTES, Math.max(0, to - from)));
        for (long done = from; done < to; ) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), to - done));
            int read = source.disk().read(chunk, done);
            if (read <= 0) {
                throw new IOException("%s ends at byte %d".formatted(source.path(), done));
            }
            file.write(chunk.flip(), at + done - from);
            done += read;
        }
    }

    private void keepEvidence() throws IOException {
        long files =
                disk.list(state.folder()).stream()
                        .filter(name -> name.endsWith(SegmentNames.DAMAGED))
                        .count();
        Quarantine.Range range = plan.range();
        int bytes = (int) Math.min(MOST_EVIDENCE_BYTES, range.endPosition() - range.position());
        if (files >= MOST_EVIDENCE_FILES) {
            return;
        }
        var bad = ByteBuffer.allocate(bytes);
        source.disk().read(bad, range.position());
        disk.replace(
                SegmentNames.file(state.folder(), range.firstOffset(), SegmentNames.DAMAGED),
                bad.flip(),
                true);
    }

    /**
     * Puts the new segment in the place of the old one, if the log is still as it was.
     *
     * @return whether it did
     */
    public boolean apply(LogCommit commit) throws IOException {
        end();
        boolean outdated =
                state.cuts() != cuts
                        || state.segments().get(segment.baseOffset()) != segment
                        || segment == state.active()
                        || !segment.transactions().isSettled()
                        || neighbour == null && !state.quarantine().all().contains(plan.range());
        if (outdated) {
            disk.delete(target);
            return false;
        }
        if (neighbour != null && !correctEpochs(neighbour, commit)) {
            disk.delete(target);
            commit.deleteWithCheckpoint(List.of());
            return false;
        }
        long base = segment.baseOffset();
        disk.delete(SegmentNames.file(state.folder(), base, SegmentNames.INDEX));
        disk.delete(SegmentNames.file(state.folder(), base, SegmentNames.PRODUCERS));
        disk.syncFolder(state.folder());
        disk.rename(target, segment.path());
        disk.syncFolder(state.folder());
        long grownBytes = endPosition - plan.range().endPosition();
        var repaired =
                Segment.stored(
                        state.home(),
                        segment.baseOffset(),
                        oldBytes + grownBytes,
                        segment.nextOffset());
        if (segment.transactions().hasFile()) {
            repaired.transactions().isOnDisk();
        }
        state.rewrite(List.of(repairedFile()));
        segment.releaseFile();
        commit.forget(segment);
        state.segments().put(segment.baseOffset(), repaired);
        state.quarantine().repaired(plan.range(), grownBytes);
        if (neighbour == null) {
            state.uncleanFrom(plan.range().firstOffset());
        }
        taken.forEach(batch -> state.epochs().learn(batch.epoch(), batch.baseOffset()));
        commit.deleteWithCheckpoint(List.of());
        return true;
    }

    /**
     * A wrong epoch that recovery took from the batch is in the checkpoint, and would be taken from
     * there again. If there is no room for another, the batch stays as it is, for now.
     */
    private boolean correctEpochs(RecordBatchView stored, LogCommit commit) throws IOException {
        EpochCorrection.correct(
                state.epochs(), plan.range(), stored, taken.getFirst().epoch(), behind);
        return commit.syncNow();
    }

    /** Whether producers have to be read from the log again, since they may lack what was bad. */
    public boolean changesProducers() {
        for (Taken batch : taken) {
            var last = batch.producerId() < 0 ? null : state.producers().lastOf(batch.producerId());
            boolean behind = last == null || last.lastOffset() < batch.lastOffset();
            if (batch.transactional() || batch.producerId() >= 0 && behind) {
                return true;
            }
        }
        return false;
    }

    /** In words, once it is done. */
    public String what() {
        Quarantine.Range range = plan.range();
        String offsets =
                "the offsets %d to %d".formatted(range.firstOffset(), range.endOffset() - 1);
        return neighbour == null
                ? "repaired %s with %d bytes".formatted(offsets, endPosition - range.position())
                : "repaired the leader epoch of %s, which is %d and not %d"
                        .formatted(
                                offsets,
                                taken.getFirst().epoch(),
                                neighbour.partitionLeaderEpoch());
    }

    /** Lets go of the files. */
    private void end() throws IOException {
        if (!ended) {
            ended = true;
            source.release();
            file.close();
        }
    }

    /** Gives up: all stays as it is. */
    public void abandon() throws IOException {
        end();
        disk.delete(target);
    }
}
