package io.millrace.storage.recovery;

import io.millrace.storage.state.Checkpoint;
import io.millrace.storage.state.Checkpoint.StoredSegment;
import io.millrace.storage.state.RewrittenSegments;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the checkpoint, and what is kept beside it of files that took the place of others, say of
 * the data files that are there: whether one is as it was left, and whether it may end before the
 * next begins.
 */
final class KnownFiles {
    private final boolean compacted;
    private final Map<Long, StoredSegment> stored = new HashMap<>();
    private final Map<Long, Long> sizes = new HashMap<>();
    private final Set<Long> changed = new HashSet<>();
    private RewrittenSegments rewritten = RewrittenSegments.NONE;
    private boolean complete;
    private long lastStored = -1;

    /**
     * @param compacted whether the log is compacted now
     */
    KnownFiles(boolean compacted) {
        this.compacted = compacted;
    }

    void take(Checkpoint checkpoint) {
        checkpoint.segments().forEach(segment -> stored.put(segment.baseOffset(), segment));
        lastStored =
                checkpoint.segments().isEmpty() ? -1 : checkpoint.segments().getLast().baseOffset();
    }

    /**
     * @param all whether every file is among these that took another's place since the checkpoint
     */
    void take(RewrittenSegments known, boolean all) {
        rewritten = known;
        complete = all;
    }

    /** Takes note of a data file. */
    void found(long base, long sizeBytes) {
        sizes.put(base, sizeBytes);
        StoredSegment segment = stored.get(base);
        if (segment == null ? sizeBytes > 0 : segment.sizeBytes() != sizeBytes) {
            changed.add(base);
        }
    }

    /** The segment at the checkpoint; null if it was not there, or had no batches. */
    @Nullable StoredSegment stored(long base) {
        return stored.get(base);
    }

    /**
     * Whether a file has another size than at the checkpoint, and nothing is known that explains
     * it.
     */
    boolean isChanged(long base) {
        return changed.contains(base) && !wasRewritten(base) && !(compacted && !complete);
    }

    /** Whether nothing but closed segments has changed, and these as compaction and repair do. */
    boolean areAsLeft() {
        return changed.stream()
                .allMatch(
                        base -> base != lastStored && stored.containsKey(base) && !isChanged(base));
    }

    private boolean wasRewritten(long base) {
        return rewritten.has(base, sizes.getOrDefault(base, -1L));
    }

    /**
     * Whether offsets that are missing between a segment and the next may never have been there.
     */
    boolean mayEndEarly(long base) {
        return wasRewritten(base) || compacted && !complete;
    }

    /** Where a segment ended at the checkpoint, if that is all there is of it; else -1. */
    long endIfUnchanged(long base) {
        StoredSegment segment = stored.get(base);
        return compacted && segment != null && !changed.contains(base) ? segment.nextOffset() : -1;
    }
}
