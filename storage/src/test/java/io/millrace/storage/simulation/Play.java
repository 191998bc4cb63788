package io.millrace.storage.simulation;

import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.simulation.disk.SimulatedCrash;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Does to a log what a broker does, in an order that the seed decides. */
final class Play {
    private static final int SECTOR_BYTES = 512;
    private static final int HEADER_BYTES = 61;
    private static final int EPOCH_AT = 12;

    /** Bytes of the base offset, the length, the upper one of the leader epoch, and the magic. */
    private static final int[] UNCOVERED = {0, 1, 4, 5, 6, 6, 7, 7, 8, 9, 10, 11, EPOCH_AT, 16};

    final LogHistory history;
    final LogCheck check;
    private final Model model;
    private long flipped;
    private long played;

    Play(long seed, Durability durability, LogConfig config) {
        history = new LogHistory(seed, durability, config);
        check = new LogCheck(history);
        model = history.model;
    }

    void steps(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    /** Goes on until the process dies in the midst of a change, or not at all. */
    @Nullable SimulatedCrash maybeCrashDuringSteps() {
        if (history.random.nextInt(3) == 0) {
            return null;
        }
        history.disk.crashIn(history.random.nextInt(12));
        try {
            steps(30);
            return null;
        } catch (SimulatedCrash crash) {
            return crash;
        }
    }

    /** The steps taken so far. */
    long played() {
        return played;
    }

    private void step() {
        played++;
        switch (history.random.nextInt(25)) {
            case 0, 1, 2, 3, 4, 5 -> history.append();
            case 6, 7, 8 -> history.appendAs(history.random.nextInt(3));
            case 9, 10, 11 -> history.log().requestFlush();
            case 12, 13 -> history.runFlush();
            case 14, 15 -> history.runOwner();
            case 16 -> tick();
            case 17 -> history.epoch += history.random.nextInt(2);
            case 18 -> remove();
            case 19, 20, 21 -> history.appendInTransaction(100 + history.random.nextInt(3));
            case 22, 23 ->
                    history.endTransaction(
                            100 + history.random.nextInt(3), history.random.nextBoolean());
            default -> {
                if (model.end > model.logStart) {
                    check.reads(check.someOffset());
                    check.readsStopAtTheEndOffset();
                }
            }
        }
    }

    private void tick() {
        history.nowMs += history.random.nextInt(10_000);
        history.log().tick(history.nowMs);
    }

    private void remove() {
        if (history.random.nextInt(3) == 0) {
            long span = model.flushed - model.logStart;
            if (span > 0) {
                long to = model.logStart + history.random.nextInt((int) span + 1);
                history.log().deleteRecordsBefore(to);
            }
        } else {
            history.log().retain(history.nowMs, model.flushed);
        }
        model.logStart = history.log().logStartOffset();
    }

    /** Starts the model anew behind ranges that a crash has left unreadable. */
    void forgetQuarantined() {
        List<Quarantine.Range> ranges = history.log().quarantined();
        if (!ranges.isEmpty()) {
            history.flushAll();
            long end = ranges.stream().mapToLong(Quarantine.Range::endOffset).max().orElseThrow();
            history.log().deleteRecordsBefore(end);
            model.logStart = history.log().logStartOffset();
            history.flushAll();
        }
    }

    /** Flips bits in closed segments; returns the first offsets of the batches hit. */
    Set<Long> flipSomeBits(int count, boolean inHeaders) {
        List<Path> closed = new ArrayList<>(dataFiles());
        if (!closed.isEmpty()) {
            closed.removeLast();
        }
        var hit = new TreeSet<Long>();
        for (int i = 0; i < count && !closed.isEmpty(); i++) {
            Path file = closed.get(history.random.nextInt(closed.size()));
            List<Model.Batch> there = batchesIn(file);
            if (!there.isEmpty()) {
                Model.Batch target = there.get(history.random.nextInt(there.size()));
                // A second flip of the same bit would repair it.
                if (hit.add(target.first())) {
                    flip(file, there, target, inHeaders);
                }
            }
        }
        return hit;
    }

    /** Flips a bit of one batch between two offsets, but of none at the end of its file. */
    Set<Long> flipIn(long from, long to) {
        for (Path file : dataFiles()) {
            List<Model.Batch> there = batchesIn(file);
            for (Model.Batch batch : there) {
                if (batch.first() >= from && batch.last() < to) {
                    flip(file, there, batch, false);
                    return Set.of(flipped);
                }
            }
        }
        return Set.of();
    }

    private List<Path> dataFiles() {
        return history.disk.files().stream()
                .filter(file -> file.toString().endsWith(".log"))
                .toList();
    }

    private List<Model.Batch> batchesIn(Path file) {
        long base = Long.parseLong(String.valueOf(file.getFileName()).substring(0, 20));
        var there = new ArrayList<Model.Batch>();
        int bytes = 0;
        for (Model.Batch batch : model.batches.tailMap(base).values()) {
            if (bytes >= history.disk.bytes(file).length) {
                break;
            }
            bytes += batch.bytes().limit();
            there.add(batch);
        }
        return there;
    }

    /**
     * Flips a bit of one batch from an offset on that its CRC does not cover: of its offset, its
     * length, its leader epoch, in which a small change may be none that can be told, or its magic.
     *
     * @param closed whether it is to be in a closed segment
     * @return the batch's first offset; none if there is no batch
     */
    Set<Long> flipHeader(long from, boolean closed) {
        List<Path> files = new ArrayList<>(dataFiles());
        if (closed && !files.isEmpty()) {
            files.removeLast();
        }
        var targets = new ArrayList<Target>();
        for (Path file : files) {
            int position = 0;
            for (Model.Batch batch : batchesIn(file)) {
                if (batch.first() >= from) {
                    targets.add(new Target(file, position, batch));
                }
                position += batch.bytes().limit();
            }
        }
        if (targets.isEmpty()) {
            return Set.of();
        }
        Target target = targets.get(history.random.nextInt(targets.size()));
        boolean last = target.batch().last() + 1 == model.end;
        if (last && target.position() % SECTOR_BYTES > SECTOR_BYTES - HEADER_BYTES) {
            return Set.of();
        }
        int within = UNCOVERED[history.random.nextInt(UNCOVERED.length)];
        // Of the last batch's epoch nothing tells.
        int at = last && within == EPOCH_AT ? 0 : within;
        history.disk.flip(target.file(), target.position() + at, history.random.nextInt(8));
        return Set.of(target.batch().first());
    }

    private record Target(Path file, int position, Model.Batch batch) {}

    /** Leaves what the CRC does not cover alone, or flips the magic. */
    private void flip(Path file, List<Model.Batch> there, Model.Batch target, boolean inHeader) {
        int position = 0;
        for (Model.Batch batch : there.subList(0, there.indexOf(target))) {
            position += batch.bytes().limit();
        }
        int within = inHeader ? 16 : 17 + history.random.nextInt(target.bytes().limit() - 17);
        history.disk.flip(file, position + within, history.random.nextInt(8));
        flipped = target.first();
    }

    /** Spoils, cuts or removes the index files. */
    void damageIndexes() {
        for (Path file : history.disk.files()) {
            int size = history.disk.bytes(file).length;
            if (file.toString().endsWith(".index") && size > 0) {
                switch (history.random.nextInt(3)) {
                    case 0 -> history.disk.flip(file, history.random.nextInt(size), 3);
                    case 1 -> history.disk.cut(file, history.random.nextInt(size));
                    default -> history.disk.delete(file);
                }
            }
        }
    }

    /** Cuts the log somewhere, as a follower has to whose leader knows better. */
    void truncate() {
        if (model.end > model.logStart) {
            history.flushAll();
            long end = history.log().truncateTo(check.someOffset());
            model.truncated(end);
        }
    }

    /** Dies while cutting the log; returns the offset that it was to be cut at. */
    long crashDuringTruncation() {
        if (model.end == model.logStart) {
            return model.end;
        }
        long offset = check.someOffset();
        Model.Batch batch = model.holding(offset);
        history.disk.crashIn(history.random.nextInt(12));
        try {
            history.log().truncateTo(offset);
        } catch (SimulatedCrash crash) {
            history.events.add(String.valueOf(crash.getMessage()));
        }
        return batch == null ? offset : batch.first();
    }
}
