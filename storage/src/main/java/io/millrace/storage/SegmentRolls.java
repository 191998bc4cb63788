package io.millrace.storage;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.disk.ShortageException;
import io.millrace.storage.plan.RollPlan;
import io.millrace.storage.segment.RecentBatches;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;

/** Begins a new segment of a log when the active one is full. Belongs to the log's owner. */
final class SegmentRolls {
    private final LogEnvironment env;
    private final LogState state;
    private final RecentBatches recent;
    private LogConfig.Segments config;
    private long jitterMs;

    SegmentRolls(
            LogEnvironment env, LogState state, RecentBatches recent, LogConfig.Segments config) {
        this.env = env;
        this.state = state;
        this.recent = recent;
        this.config = config;
        rollAnotherJitter();
    }

    void reconfigure(LogConfig.Segments changed) {
        config = changed;
    }

    /** Makes sure that there is an active segment which takes a batch. */
    void rollIfDue(RecordBatchView next, int bytes) throws IOException {
        if (state.segments().isEmpty()) {
            env.disk().createFolder(state.folder());
            rollFor(next);
            return;
        }
        Segment active = state.active();
        boolean due =
                active.sizeBytes() > 0 && isDue(next, bytes, 0, 0)
                        || next.lastOffset() - active.baseOffset() > Integer.MAX_VALUE;
        if (due) {
            rollFor(next);
        }
    }

    /**
     * Whether the active segment is full for a batch.
     *
     * @param pendingBytes of batches that are to be written before it
     * @param pendingTimestampMs of the first of them
     */
    boolean isDue(RecordBatchView next, int bytes, int pendingBytes, long pendingTimestampMs)
            throws IOException {
        Segment active = state.active();
        var facts =
                new RollPlan.Active(
                        active.baseOffset(),
                        active.sizeBytes() + pendingBytes,
                        active.sizeBytes() > 0 ? active.firstTimestampMs() : pendingTimestampMs,
                        active.isIndexFull(config.indexBytes()));
        return RollPlan.isDue(
                facts,
                config.bytes(),
                config.ms() - jitterMs,
                bytes,
                next.lastOffset(),
                next.maxTimestamp());
    }

    /** A segment holds offsets up to 2^31 past its base; a follower's next may be further away. */
    private void rollFor(RecordBatchView next) throws IOException {
        long end = state.logEndOffset();
        boolean near = next.lastOffset() - end <= Integer.MAX_VALUE;
        rollAt(near ? Math.min(end, next.baseOffset()) : next.baseOffset());
    }

    /** Begins a new segment at the end of the log. */
    void roll() throws IOException {
        rollAt(state.logEndOffset());
    }

    private void rollAt(long base) throws IOException {
        if (!state.segments().isEmpty()) {
            Segment full = state.active();
            storeIndex(full);
            full.skipTo(full.sizeBytes(), base);
        }
        state.segments().put(base, Segment.fresh(state.home(), base));
        recent.clear();
        rollAnotherJitter();
    }

    private void storeIndex(Segment full) throws IOException {
        try {
            full.storeIndex();
        } catch (ShortageException e) {
            env.events()
                    .noticed(
                            full.path(),
                            "its index cannot be stored and stays in memory: " + e.getMessage());
        }
    }

    private void rollAnotherJitter() {
        long most = Math.min(config.jitterMs(), config.ms());
        jitterMs = most <= 0 ? 0 : ThreadLocalRandom.current().nextLong(most);
    }
}
