package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.AckBatch;
import io.millrace.broker.queue.model.Acquisition;
import io.millrace.broker.queue.model.DeadReason;
import io.millrace.broker.queue.model.Jitter;
import io.millrace.broker.queue.model.OffsetRange;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueSettings;
import io.millrace.broker.queue.model.QueueView;
import io.millrace.broker.queue.model.Traits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of one share partition. Every offset before its end that is neither in the window nor
 * in the backlog is done: acknowledged, archived, or no data. Its start is the first that is not.
 * So what is kept grows with what is unfinished, not with the distance between the two.
 *
 * <p>Records in the backlog enter the window when their turn comes, on the way to a consumer; that
 * alone is nothing to store.
 */
public final class SharePartition {
    /** Records that may be in the window, held or not, besides the dead. */
    static final int MOST_IN_WINDOW = 20_000;

    /**
     * Dead records that may wait for a topic that does not take them; past it the log is not read
     * on. Where a topic is out of order the queue goes on for so long.
     */
    static final int MOST_DEAD = 100_000;

    /** Due records that may be indexed ahead of those that are taken. */
    static final int MOST_READY = 20_000;

    /** Records that may be indexed at all; past it the log is not read on. */
    static final int MOST_IN_BACKLOG = 8_000_000;

    /** What a dead record takes up, with what finds it. */
    private static final int DEAD_BYTES = 256;

    final Window window = new Window();
    final Backlog backlog = new Backlog();
    private final int epoch;
    private long endOffset;

    /**
     * @param epoch how often it was reset
     * @param startOffset where it starts
     */
    public SharePartition(int epoch, long startOffset) {
        this.epoch = epoch;
        this.endOffset = startOffset;
    }

    public int epoch() {
        return epoch;
    }

    /** Everything before it is done. Never goes back but by a reset. */
    public long startOffset() {
        long start = endOffset;
        if (window.size() > 0) {
            start = Math.min(start, window.first());
        }
        return backlog.size() > 0 ? Math.min(start, backlog.first()) : start;
    }

    /** Exclusive end of what was looked at. */
    public long endOffset() {
        return endOffset;
    }

    /** Records that are neither done nor dead, before the end. */
    public int unfinished() {
        return window.aliveCount() + backlog.size();
    }

    void endAt(long offset, Changes changes) {
        if (offset > endOffset) {
            endOffset = offset;
            changes.moved();
        }
    }

    /** About what those that wait take up, for their turn or for their burial. */
    public long memoryBytes() {
        return backlog.memoryBytes() + (long) window.dead().size() * DEAD_BYTES;
    }

    /**
     * What a consumer might be given of {@code most} records.
     *
     * @param mayGrow whether there is memory for more records that wait, asked once those whose
     *     turn has come have entered the window
     */
    public Plan plan(int most, QueueSettings settings, long nowMs, BooleanSupplier mayGrow) {
        int room = room(most, settings);
        if (settings.paused() || room <= 0) {
            return Plan.NOTHING;
        }
        window.ripen(nowMs);
        stage(room, nowMs);
        var chosen = new ArrayList<Held>();
        boolean alone = false;
        for (Held held : window.ripe(MOST_IN_WINDOW)) {
            if (held.traits().isExpired(nowMs)) {
                continue;
            }
            boolean last =
                    held.deliveries > 0 && held.deliveries + 1 >= settings.locks().deliveries();
            if (alone || chosen.size() == room || (last && !chosen.isEmpty())) {
                break;
            }
            alone = last;
            chosen.add(held);
        }
        boolean wantsMore = chosen.size() < room || settings.extras().priorities() > 1;
        long scanFrom =
                !alone && wantsMore && mayGrow.getAsBoolean() && mayLookAhead() ? endOffset : -1;
        long nextMs = Math.min(window.nextRipeMs(), backlog.nextDueMs());
        return new Plan(ranges(chosen), scanFrom, room, nextMs);
    }

    int room(int most, QueueSettings settings) {
        return Math.min(most, settings.locks().most() - window.acquiredCount());
    }

    /** Whether records that may be taken could not be, for what is held or waits. */
    private boolean isFull(QueueSettings settings) {
        return room(1, settings) <= 0 || !mayLookAhead();
    }

    private boolean mayLookAhead() {
        return window.aliveCount() < MOST_IN_WINDOW
                && window.dead().size() < MOST_DEAD
                && backlog.readyCount() < MOST_READY
                && backlog.size() < MOST_IN_BACKLOG;
    }

    private static List<OffsetRange> ranges(List<Held> chosen) {
        var ranges = new ArrayList<OffsetRange>();
        for (Held held : chosen) {
            OffsetRange before = ranges.isEmpty() ? null : ranges.getLast();
            if (before != null && before.last() + 1 == held.offset()) {
                ranges.set(ranges.size() - 1, new OffsetRange(before.first(), held.offset()));
            } else {
                ranges.add(new OffsetRange(held.offset(), held.offset()));
            }
        }
        return ranges;
    }

    /** Has records whose turn has come enter the window, until a consumer has enough to choose. */
    void stage(int wanted, long nowMs) {
        for (int priority = Traits.MOST_PRIORITIES - 1; priority >= 0; priority--) {
            while (window.ripeCount(priority) < wanted
                    && window.aliveCount() < MOST_IN_WINDOW
                    && stageOne(priority, nowMs) != null) {}
        }
    }

    private @Nullable Held stageOne(int priority, long nowMs) {
        Backlog.Next next = backlog.next(priority, nowMs, window::isBusy);
        return next == null ? null : window.put(next.offset(), next.traits(), held -> {});
    }

    /** The record is done. */
    void finish(long offset, Changes changes) {
        Held held = window.remove(offset);
        backlog.remove(offset);
        changes.touch(offset);
        if (held != null) {
            free(held.traits().key(), changes);
        }
    }

    /** The record is not delivered again. */
    void kill(long offset, Traits traits, DeadReason reason, Step step) {
        if (!step.settings().deadLetters()) {
            finish(offset, step.changes());
            return;
        }
        window.put(
                offset,
                traits,
                held -> {
                    held.phase = Phase.DEAD;
                    held.reason = reason;
                    held.member = "";
                    held.untilMs = 0;
                });
        step.changes().touch(offset);
        free(traits.key(), step.changes());
    }

    void free(int key, Changes changes) {
        if (key != 0 && !window.isBusy(key)) {
            backlog.unblock(key);
            changes.madeAvailable();
        }
    }

    /** What the records of one step are handled by. */
    public record Step(QueueSettings settings, Jitter jitter, long nowMs, Changes changes) {}

    /** The record may be delivered again, after a rest, unless that was its last delivery. */
    void release(Held held, Step step) {
        if (held.deliveries >= step.settings().locks().deliveries()) {
            kill(held.offset(), held.traits(), DeadReason.EXHAUSTED, step);
            return;
        }
        QueueSettings.Retry retry = step.settings().retry();
        long restMs =
                retry.initialMs() == 0 ? 0 : retry.restMs(held.deliveries, step.jitter().next());
        change(
                held,
                changed -> {
                    changed.phase = Phase.AVAILABLE;
                    changed.member = "";
                    changed.untilMs = restMs == 0 ? 0 : step.nowMs() + restMs;
                },
                step.changes());
        step.changes().madeAvailable();
    }

    void change(Held held, Consumer<Held> change, Changes changes) {
        window.put(held.offset(), held.traits(), change);
        changes.touch(held.offset());
    }

    /** Holds records for a consumer. */
    public List<Acquired> acquire(Acquisition wish, Step step) {
        return new Acquiring(this, step).acquire(wish);
    }

    /** Takes what a consumer says of records; all of it, or nothing. */
    public QueueError acknowledge(String member, List<AckBatch> batches, Step step) {
        boolean wasFull = isFull(step.settings());
        QueueError error = new Acknowledging(this, step).acknowledge(member, batches);
        madeRoom(wasFull, step);
        return error;
    }

    /** Whoever found no room has to hear that there is some again. */
    private void madeRoom(boolean wasFull, Step step) {
        if (wasFull && !isFull(step.settings())) {
            step.changes().madeAvailable();
        }
    }

    /** A consumer has gone: takes back its fetch, and what else it held may go to others. */
    public void releaseAll(String member, long unanswered, Step step) {
        boolean wasFull = isFull(step.settings());
        new Acknowledging(this, step).releaseAll(member, unanswered);
        madeRoom(wasFull, step);
    }

    /** Nobody can have got the answer to a share fetch (0: none): it delivered nothing. */
    public void takeBack(String member, long unanswered, Step step) {
        boolean wasFull = isFull(step.settings());
        new Acknowledging(this, step).takeBack(member, unanswered);
        madeRoom(wasFull, step);
    }

    /** Does what time asks for: locks that have ended, records that have expired. */
    public void tick(Step step) {
        boolean wasFull = isFull(step.settings());
        for (Held held : window.timedOut(step.nowMs())) {
            release(held, step);
        }
        window.ripen(step.nowMs());
        boolean anyExpired = false;
        for (Held held : window.ripe(MOST_IN_WINDOW)) {
            anyExpired |= expire(held, step);
        }
        for (int priority = 0; anyExpired && priority < Traits.MOST_PRIORITIES; priority++) {
            expireBacklog(priority, step);
        }
        if (anyExpired) {
            // They were in the way of others.
            step.changes().madeAvailable();
        }
        madeRoom(wasFull, step);
    }

    private void expireBacklog(int priority, Step step) {
        for (int i = 0; i < MOST_READY && window.dead().size() < MOST_DEAD; i++) {
            Held next = stageOne(priority, step.nowMs());
            if (next == null || !expire(next, step)) {
                return;
            }
        }
    }

    private boolean expire(Held held, Step step) {
        boolean expired = held.traits().isExpired(step.nowMs());
        if (expired) {
            kill(held.offset(), held.traits(), DeadReason.EXPIRED, step);
        }
        return expired;
    }

    /** Gives up what is no longer in the log. */
    void raiseLogStart(long logStart, Changes changes) {
        if (logStart <= startOffset()) {
            return;
        }
        for (Held held : List.copyOf(window.within(0, logStart - 1))) {
            if (held.phase == Phase.AVAILABLE) {
                finish(held.offset(), changes);
            }
        }
        if (backlog.size() > 0 && backlog.first() < logStart) {
            backlog.removeBelow(logStart);
            changes.archivedBelow(logStart);
        }
        endAt(logStart, changes);
    }

    /** The dead that nobody has begun to bury; they are begun with this. */
    public List<Held> takeDead(int most) {
        var taken = new ArrayList<Held>();
        for (Held held : window.dead()) {
            if (taken.size() == most) {
                break;
            }
            if (!held.burying) {
                held.burying = true;
                taken.add(held);
            }
        }
        return taken;
    }

    /** The dead are in the dead-letter topic, or nobody wants them there. */
    public void buried(Collection<Long> offsets, Changes changes) {
        for (long offset : offsets) {
            Held held = window.get(offset);
            if (held != null && held.phase == Phase.DEAD) {
                finish(offset, changes);
            }
        }
    }

    /** The dead could not be buried: to be tried again. */
    public void burialFailed(Collection<Long> offsets) {
        for (long offset : offsets) {
            Held held = window.get(offset);
            if (held != null) {
                held.burying = false;
            }
        }
    }

    /** Every record in the window, by offset. */
    public List<Held> held() {
        return List.copyOf(window.all());
    }

    /** The dead of a page, by offset. */
    public List<Held> deadOn(long page) {
        long first = page * OffsetSet.PAGE;
        return List.copyOf(window.deadWithin(first, first + OffsetSet.PAGE - 1));
    }

    /** A record in the window; null if it is not there. */
    public @Nullable Held held(long offset) {
        return window.get(offset);
    }

    /** Every record that was never delivered but was looked at. */
    public NavigableMap<Long, Traits> waiting() {
        var waiting = new TreeMap<Long, Traits>();
        backlog.forEach(waiting::put);
        for (Held held : window.all()) {
            if (held.isStaged()) {
                waiting.put(held.offset(), held.traits());
            }
        }
        return waiting;
    }

    /** Counts and the records that matter most, for whoever looks in from outside. */
    public QueueView view(int mostHeld) {
        return Views.of(this, mostHeld);
    }

    /** How many pages have a backlog or dead that have changed since they were taken. */
    public int dirtyPages() {
        window.takeDirtyPages().forEach(backlog::markDirty);
        return backlog.dirtyPages();
    }

    /**
     * The first pages whose backlog or dead have changed since they were last taken, with what of
     * the backlog they hold now. Staged records count as if they had not left it.
     */
    public Map<Long, Map<Long, Traits>> takeDirtyPages(int most) {
        window.takeDirtyPages().forEach(backlog::markDirty);
        NavigableMap<Long, Map<Long, Traits>> pages = backlog.takeDirtyPages(most);
        if (pages.isEmpty()) {
            return pages;
        }
        long last = (pages.lastKey() + 1) * OffsetSet.PAGE - 1;
        for (Held held : window.within(pages.firstKey() * OffsetSet.PAGE, last)) {
            Map<Long, Traits> page = pages.get(pageOf(held.offset()));
            if (page != null && held.isStaged()) {
                page.put(held.offset(), held.traits());
            }
        }
        return pages;
    }

    /** The page that an offset is on. */
    public static long pageOf(long offset) {
        return offset / OffsetSet.PAGE;
    }

    /** A page has to be stored again. */
    public void markDirty(long page) {
        backlog.markDirty(page);
    }

    /** Puts back what was stored of a page of the backlog, and forgets the dead there. */
    public void restorePage(long page, Map<Long, Traits> stored) {
        deadOn(page).forEach(held -> window.remove(held.offset()));
        backlog.restorePage(page, stored);
    }

    /** The dead of a page have been put back too: it need not be stored. */
    public void pageRestored(long page) {
        window.markClean(page);
    }

    /** Empties the window of all but the dead, to be put back as a whole; puts back the end. */
    public void restoreWindow(long end) {
        window.clearAlive();
        endOffset = end;
    }

    /** Puts back a record of the window as it was stored. */
    public void restoreHeld(long offset, Traits traits, Consumer<Restored> state) {
        backlog.remove(offset);
        window.remove(offset);
        window.put(offset, traits, held -> state.accept(new Restored(held)));
    }

    /** Sets what was stored of a record. */
    public record Restored(Held held) {
        /** All of it. */
        public void set(
                Phase phase,
                int deliveries,
                String member,
                long untilMs,
                @Nullable DeadReason reason) {
            held.phase = phase;
            held.deliveries = deliveries;
            held.member = member;
            held.untilMs = untilMs;
            held.reason = reason;
        }
    }

    /** Puts back that a record is done. */
    public void restoreDone(long first, long last) {
        for (long offset = first; offset <= last; offset++) {
            window.remove(offset);
            backlog.remove(offset);
        }
    }

    /** Puts back that a record waits. */
    public void restoreWaiting(long offset, Traits traits) {
        window.remove(offset);
        backlog.add(offset, traits);
    }

    /**
     * Puts back where the partition's end was, and below what all waiting records were given up.
     */
    public void restoreEnd(long end, long floor) {
        endOffset = Math.max(endOffset, end);
        if (floor >= 0) {
            backlog.removeBelow(floor);
        }
    }
}
