package io.millrace.storage;

import io.millrace.storage.compact.Compaction;
import io.millrace.storage.compact.LogCompactor;
import io.millrace.storage.disk.ShortageException;
import io.millrace.storage.plan.CompactionPlan;
import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.plan.RepairPlan;
import io.millrace.storage.plan.RetentionPlan;
import io.millrace.storage.plan.SegmentFacts;
import io.millrace.storage.producer.ProducerSummary;
import io.millrace.storage.recovery.Inspection;
import io.millrace.storage.recovery.LogVerification;
import io.millrace.storage.recovery.ProducerReplay;
import io.millrace.storage.repair.Neighbours;
import io.millrace.storage.repair.SegmentRepair;
import io.millrace.storage.segment.LostIndexException;
import io.millrace.storage.segment.RecentBatches;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.DamageListener;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a log needs now and then: checkpoints, idle files closed, old segments deleted, compaction,
 * verification. Belongs to the log's owner.
 */
final class LogUpkeep {
    private static final long CHECKPOINT_INTERVAL_MS = 10_000;
    private static final long CHECKPOINT_INTERVAL_BYTES = 64L << 20;

    /** A sync that nobody waits for holds up who appends: seldom, where no append asks for one. */
    private static final long CACHED_INTERVAL_MS = 60_000;

    private static final long CACHED_INTERVAL_BYTES = 512L << 20;
    private static final long IDLE_CLOSE_MS = 60_000;

    private final LogEnvironment env;
    private final LogState state;
    private final GroupCommit commit;
    private final RecentBatches recent;
    private final LogCompactor compactor;
    private final long intervalMs;
    private final long intervalBytes;
    private final Neighbours neighbours;
    private boolean repairing;
    private long lastCheckpointMs;
    private long bytesAtCheckpoint;

    LogUpkeep(
            LogEnvironment env,
            LogState state,
            GroupCommit commit,
            RecentBatches recent,
            long nowMs) {
        this.env = env;
        this.state = state;
        this.commit = commit;
        this.recent = recent;
        this.compactor = new LogCompactor(env.disk(), state, commit);
        this.neighbours = new Neighbours(state);
        boolean cached = env.durability() == Durability.OS;
        this.intervalMs = cached ? CACHED_INTERVAL_MS : CHECKPOINT_INTERVAL_MS;
        this.intervalBytes = cached ? CACHED_INTERVAL_BYTES : CHECKPOINT_INTERVAL_BYTES;
        // Logs that were opened together do not sync together.
        this.lastCheckpointMs = nowMs - Math.floorMod(state.folder().hashCode(), intervalMs);
        state.onDamage(new Told());
    }

    /** Passes on what is found bad; what finds it may be in the midst of a change. */
    private final class Told implements DamageListener {
        @Override
        public void quarantined(Quarantine.Range range) {
            env.events().quarantined(state.folder(), range);
            commit.changed();
        }

        @Override
        public void noticed(Path path, String what) {
            env.events().noticed(path, what);
        }
    }

    /** Makes what recovery found durable, since it is going to be served. */
    boolean settle() throws IOException {
        for (Segment segment : state.segments().values()) {
            if (segment.isOpen()) {
                segment.file().disk().sync();
            }
        }
        env.disk().syncFolder(state.folder());
        env.disk().syncFolder(Objects.requireNonNull(state.folder().getParent()));
        return commit.syncNow();
    }

    /** Closes idle files, forgets producers, takes the checkpoint. */
    void tick(long nowMs) {
        state.producers().expire(nowMs, env.producerExpirationMs());
        try {
            checkpointIfDue(nowMs);
            commit.resume();
            boolean open = false;
            for (Segment segment : state.segments().values()) {
                segment.closeIfIdleSince(nowMs - IDLE_CLOSE_MS);
                open |= segment.isOpen();
            }
            if (!open) {
                recent.clear();
            }
        } catch (ShortageException e) {
            env.events().noticed(state.folder(), "its index cannot be stored: " + e.getMessage());
        } catch (IOException e) {
            commit.fail(new StorageException(state.folder(), "cannot store its index", e));
        }
    }

    private void checkpointIfDue(long nowMs) throws IOException {
        boolean due =
                nowMs - lastCheckpointMs >= intervalMs
                        || state.sizeBytes() - bytesAtCheckpoint >= intervalBytes;
        if (due && commit.isBehind() && commit.failure() == null) {
            lastCheckpointMs = nowMs;
            bytesAtCheckpoint = state.sizeBytes();
            for (Segment segment : state.segments().values()) {
                segment.storeIndex();
            }
            commit.requestCheckpoint();
        }
    }

    /** Raises the log start; durable with the next checkpoint. */
    void raiseLogStart(long offset) {
        state.raiseLogStart(offset);
        commit.changed();
    }

    /**
     * Deletes the oldest segments that are past the limits; returns how many.
     *
     * @param rolls begin a new segment, where all are to go
     */
    int retain(RetentionPlan.Limits limits, long nowMs, long highWatermark, SegmentRolls rolls)
            throws IOException {
        Inspection.ofTimes(state);
        List<SegmentFacts> facts = state.facts(nowMs);
        int count =
                RetentionPlan.deletable(
                        facts, limits, state.logStartOffset(), highWatermark, nowMs);
        if (count > 0 && count == facts.size()) {
            rolls.roll();
        }
        for (int i = 0; i < count; i++) {
            deleteOldest();
        }
        return count;
    }

    private void deleteOldest() {
        Segment oldest = state.segments().pollFirstEntry().getValue();
        raiseLogStart(Math.max(state.logStartOffset(), state.segments().firstKey()));
        commit.forget(oldest);
        oldest.releaseFile();
        commit.deleteOldest(oldest.paths());
    }

    /** A compaction that is worth running now, if none is under way. */
    Optional<BackgroundWork> planCompaction(
            LogConfig.Retention config, long nowMs, long highWatermark, long keyMemoryBytes)
            throws IOException {
        if (!config.compact() || repairing || env.reserve().isExhausted()) {
            return Optional.empty();
        }
        Inspection.ofTimes(state);
        var limits = config.compaction();
        var settings =
                new Compaction.Settings(
                        nowMs,
                        limits.deleteRetentionMs(),
                        keyMemoryBytes,
                        env.reserve()::isExhausted,
                        state.home().summaryBytes());
        try {
            return compactor
                    .plan(
                            new CompactionPlan.Limits(
                                    limits.minDirtyRatio(), limits.minLagMs(), limits.maxLagMs()),
                            settings,
                            state.producers().firstUnstableOffset(highWatermark))
                    .map(CompactionWork::new);
        } catch (LostIndexException e) {
            env.events().noticed(state.folder(), e.getMessage() + "; it is made again");
            ProducerReplay.abortedAnew(state);
            return Optional.empty();
        }
    }

    /** Takes ranges out of service, where their segments still are. */
    void quarantine(List<Quarantine.Range> ranges) {
        try {
            for (Quarantine.Range range : ranges) {
                Segment segment = state.segments().get(range.segmentBase());
                if (segment != null) {
                    quarantine(segment, range);
                }
            }
        } catch (IOException e) {
            throw new StorageException(state.folder(), "cannot quarantine", e);
        }
    }

    void quarantine(Segment segment, Quarantine.Range range) throws IOException {
        if (state.takeOutOfService(segment, range)) {
            commit.requestCheckpoint();
        }
    }

    /**
     * The repair of a range, or of the batch beside it that makes it look bad, if it can be
     * repaired now and no other is under way.
     */
    Optional<BackgroundWork.Repair> planRepair(Quarantine.Range bad, SegmentRolls rolls)
            throws IOException {
        boolean possible =
                !repairing
                        && !compactor.isUnderWay()
                        && bad.endPosition() > bad.position()
                        && commit.failure() == null
                        && !env.reserve().isExhausted();
        if (!possible) {
            return Optional.empty();
        }
        Quarantine.Range neighbour = neighbours.before(bad);
        Quarantine.Range range = neighbour == null ? bad : neighbour;
        Segment segment = state.segments().get(range.segmentBase());
        if (segment == null || range.endOffset() > commit.flushedOffset()) {
            return Optional.empty();
        }
        if (segment == state.active()) {
            rolls.roll();
        }
        if (segment.nextOffset() > commit.flushedOffset()) {
            return Optional.empty();
        }
        RepairPlan plan = planFor(range);
        SegmentRepair repair =
                neighbour == null
                        ? SegmentRepair.ofRange(env.disk(), state, segment, plan)
                        : SegmentRepair.ofNeighbour(env.disk(), state, segment, plan);
        repairing = true;
        return Optional.of(new RepairWork(repair));
    }

    private RepairPlan planFor(Quarantine.Range range) {
        boolean isLast = range.endOffset() >= state.logEndOffset();
        return new RepairPlan(
                range,
                state.epochs().epochAt(range.firstOffset() - 1),
                isLast ? LeaderEpochs.NONE : state.epochs().epochAt(range.endOffset()),
                state.cleanedTo() >= range.endOffset());
    }

    private final class RepairWork implements BackgroundWork.Repair {
        private final SegmentRepair repair;
        private boolean built;

        RepairWork(SegmentRepair repair) {
            this.repair = repair;
        }

        @Override
        public long nextOffset() {
            return repair.plan().nextOffset();
        }

        @Override
        public boolean isComplete() {
            return repair.plan().isComplete();
        }

        @Override
        public boolean isOfNeighbour() {
            return repair.isOfNeighbour();
        }

        @Override
        public String take(ByteBuffer batches) {
            try {
                return repair.take(batches);
            } catch (IOException e) {
                throw new StorageException(state.folder(), "cannot write a repair", e);
            }
        }

        @Override
        public void run() {
            try {
                repair.build();
                built = true;
            } catch (IOException e) {
                throw new StorageException(state.folder(), "cannot write a repair", e);
            }
        }

        @Override
        public void abandon() {
            repairing = false;
            try {
                repair.abandon();
            } catch (IOException e) {
                throw new StorageException(state.folder(), "cannot give up a repair", e);
            }
        }

        @Override
        public String finish() {
            if (!built) {
                abandon();
                return "";
            }
            repairing = false;
            try {
                boolean producers = repair.changesProducers();
                if (!repair.apply(commit)) {
                    return "";
                }
                recent.clear();
                if (producers) {
                    ProducerReplay.anew(state);
                }
            } catch (IOException e) {
                var failed =
                        new StorageException(state.folder(), "cannot put a repair in place", e);
                commit.fail(failed);
                throw failed;
            }
            return repair.what();
        }
    }

    /** A pass over the closed segments. */
    BackgroundWork planVerification(Consumer<List<Quarantine.Range>> quarantining)
            throws IOException {
        return new VerificationWork(LogVerification.of(state), quarantining);
    }

    private final class CompactionWork implements BackgroundWork {
        private final Compaction compaction;
        private Compaction.@Nullable Result result;

        CompactionWork(Compaction compaction) {
            this.compaction = compaction;
        }

        @Override
        public void run() {
            try {
                result = compaction.run();
            } catch (IOException e) {
                throw new StorageException(state.folder(), "cannot compact", e);
            }
        }

        @Override
        public String finish() {
            Compaction.Result done = result;
            if (done == null) {
                compactor.failed();
                return "";
            }
            try {
                compactor.apply(done);
            } catch (IOException e) {
                throw new StorageException(
                        state.folder(), "cannot put compacted segments in place", e);
            }
            return done.segments().isEmpty()
                    ? ""
                    : "compacted %d to %d bytes".formatted(done.bytesBefore(), done.bytesAfter());
        }
    }

    private final class VerificationWork implements BackgroundWork {
        private final LogVerification pass;
        private final Consumer<List<Quarantine.Range>> quarantining;
        private final int cuts = state.cuts();
        private final Map<Long, Segment> read = Map.copyOf(state.segments());
        private List<Quarantine.Range> found = List.of();

        VerificationWork(LogVerification pass, Consumer<List<Quarantine.Range>> quarantining) {
            this.pass = pass;
            this.quarantining = quarantining;
        }

        @Override
        public void run() {
            try {
                found = pass.run();
            } catch (IOException e) {
                throw new StorageException(state.folder(), "cannot verify", e);
            }
        }

        @Override
        public String finish() {
            if (state.cuts() == cuts) {
                quarantining.accept(found.stream().filter(this::isAsRead).toList());
                pass.summaries().forEach(this::keep);
            }
            return "";
        }

        private void keep(long base, List<ProducerSummary> summaries) {
            Segment segment = state.segments().get(base);
            try {
                if (segment != null && segment == read.get(base)) {
                    segment.producers().replaceBy(summaries);
                    segment.producers().close();
                }
            } catch (IOException e) {
                throw new StorageException(
                        segment.path(), "cannot store what is known of producers", e);
            }
        }

        /** Compaction and repair put another file in the place of the one that was read. */
        private boolean isAsRead(Quarantine.Range range) {
            long base = range.segmentBase();
            return state.segments().get(base) == read.get(base);
        }
    }
}
