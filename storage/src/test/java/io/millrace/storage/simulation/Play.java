package io.millrace.storage.simulation;

import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.plan.Quarantine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does to a log what a broker does, in an order that the seed decides. */
final class Play {
    final LogHistory history;
    final LogCheck check;
    private final Model model;

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

    private void step() {
        switch (history.random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> history.append();
            case 6, 7, 8 -> history.appendAs(history.random.nextInt(3));
            case 9, 10, 11 -> history.log().requestFlush();
            case 12, 13 -> history.runFlush();
            case 14, 15 -> history.runOwner();
            case 16 -> tick();
            case 17 -> history.epoch += history.random.nextInt(2);
            case 18 -> remove();
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
}
