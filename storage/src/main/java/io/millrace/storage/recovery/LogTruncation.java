package io.millrace.storage.recovery;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.LostIndexException;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogCommit;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the end of a log off (KIP-101, KIP-279). The checkpoint is stored before the first byte goes
 * and after the last, so that a crash leaves the log longer than it should be, never torn. What
 * markers that go have aborted is forgotten after the last byte: until then the log may turn out to
 * be longer. Belongs to the log's owner.
 */
public final class LogTruncation {
    private final Disk disk;
    private final LogState state;
    private final LogCommit commit;

    public LogTruncation(Disk disk, LogState state, LogCommit commit) {
        this.disk = disk;
        this.state = state;
        this.commit = commit;
    }

    /** Does it: the batch that holds the offset goes too. Durable on return. */
    public void truncateTo(long offset) throws IOException {
        long target = Math.max(offset, state.logStartOffset());
        commit.awaitInFlight();
        var gone = new ArrayList<Path>();
        while (!state.segments().isEmpty() && state.active().baseOffset() >= target) {
            Segment last = state.segments().pollLastEntry().getValue();
            commit.forget(last);
            last.releaseFile();
            gone.addAll(last.paths());
        }
        if (state.segments().isEmpty()) {
            forgetFrom(target);
            state.segments().put(target, Segment.fresh(state.home(), target));
            commit.cut(state.active());
            syncNow();
            deleteAll(gone);
        } else {
            cut(state.active(), target, gone);
        }
    }

    private void cut(Segment active, long target, List<Path> gone) throws IOException {
        // A bad header would hide where the offset is, or put another one in its place.
        Inspection.of(state, active, active.walkTowards(target).range());
        long position = active.sizeBytes();
        long end = Math.min(target, active.nextOffset());
        Quarantine.Range bad = quarantinedPast(active, target);
        BatchWalker walker = active.walkTowards(target);
        while (walker.next() == BatchWalker.Step.BATCH) {
            if (walker.batch().lastOffset() >= target) {
                position = walker.position();
                end = Math.min(target, walker.batch().baseOffset());
                break;
            }
        }
        if (bad != null && bad.position() <= position) {
            position = bad.position();
            end = Math.min(target, bad.firstOffset());
        }
        active.producers().forgetPast(position, end);
        active.forgetFrom(position, end);
        forgetFrom(end);
        commit.cut(active);
        syncNow();
        deleteAll(gone);
        active.truncate(position, end);
        forgetAborted(active, end);
        commit.cut(active);
        syncNow();
    }

    /** The first bad range that holds the offset or lies behind it; it goes as a batch does. */
    private Quarantine.@Nullable Range quarantinedPast(Segment active, long target) {
        return state.quarantine().all().stream()
                .filter(range ->
                        range.segmentBase() == active.baseOffset() && range.endOffset() > target)
                .min(Comparator.comparingLong(Quarantine.Range::position))
                .orElse(null);
    }

    /** Where there is no room to say that the log ends earlier, it may not. */
    private void syncNow() throws IOException {
        if (!commit.syncNow()) {
            throw new IOException("no room for the checkpoint that a truncation needs");
        }
    }

    private void forgetAborted(Segment active, long end) throws IOException {
        try {
            active.transactions().truncate(end);
        } catch (LostIndexException e) {
            ProducerReplay.abortedAnew(state);
        }
    }

    private void deleteAll(List<Path> files) throws IOException {
        for (Path file : files) {
            disk.delete(file);
        }
        disk.syncFolder(state.folder());
    }

    private void forgetFrom(long end) throws IOException {
        state.cutAt(end);
        ProducerReplay.producersAnew(state);
    }
}
