package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.Traits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Records that were found in the log and have to wait: until they are due, until their key is free,
 * or until no record of a higher class waits. An index only, for there may be millions: about 28
 * bytes a record and a bit. What has left it is dropped from the heaps when it comes to their top.
 * Mutable.
 */
final class Backlog {
    private final OffsetSet members = new OffsetSet();
    private final List<DueHeap> delayed = heaps();
    private final List<DueHeap> ready = heaps();
    private final Map<Integer, TreeMap<Long, Traits>> blocked = new HashMap<>();
    private final Set<Long> dirtyPages = new HashSet<>();
    private int blockedCount;

    /** A record that leaves the backlog, since its turn has come. */
    record Next(long offset, Traits traits) {}

    private static List<DueHeap> heaps() {
        var heaps = new ArrayList<DueHeap>(Traits.MOST_PRIORITIES);
        for (int i = 0; i < Traits.MOST_PRIORITIES; i++) {
            heaps.add(new DueHeap());
        }
        return heaps;
    }

    void add(long offset, Traits traits) {
        if (members.add(offset)) {
            dirtyPages.add(offset / OffsetSet.PAGE);
            (traits.dueMs() == 0 ? ready : delayed).get(traits.priority()).add(offset, traits);
        }
    }

    boolean remove(long offset) {
        boolean removed = members.remove(offset);
        if (removed) {
            dirtyPages.add(offset / OffsetSet.PAGE);
        }
        return removed;
    }

    /** Removes all before an offset. */
    void removeBelow(long offset) {
        for (long first = members.first(); first >= 0 && first < offset; first = members.first()) {
            remove(first);
        }
    }

    boolean contains(long offset) {
        return members.contains(offset);
    }

    /** The least offset; -1 if it is empty. */
    long first() {
        return members.first();
    }

    int size() {
        return members.size();
    }

    /** How many are due, as far as is known: an upper bound. */
    int readyCount() {
        int count = blockedCount;
        for (DueHeap heap : ready) {
            count += heap.size();
        }
        return count;
    }

    /**
     * Removes the record of a class whose turn it is, those that were delayed first. Null if
     * nobody's turn has come.
     *
     * @param isBusy tells of a key whether its turn has to wait
     */
    @Nullable Next next(int priority, long nowMs, IntPredicate isBusy) {
        Next found = next(delayed.get(priority), priority, nowMs, isBusy);
        if (found == null) {
            found = next(ready.get(priority), priority, nowMs, isBusy);
        }
        if (found != null) {
            remove(found.offset());
        }
        return found;
    }

    private @Nullable Next next(DueHeap heap, int priority, long nowMs, IntPredicate isBusy) {
        while (!heap.isEmpty() && heap.firstDueMs() <= nowMs) {
            long offset = heap.offset(0);
            Traits traits = heap.traits(0, priority);
            heap.removeFirst();
            if (!members.contains(offset)) {
                continue;
            }
            if (traits.key() != 0 && isBusy.test(traits.key())) {
                block(offset, traits);
            } else {
                return new Next(offset, traits);
            }
        }
        return null;
    }

    private void block(long offset, Traits traits) {
        if (blocked.computeIfAbsent(traits.key(), key -> new TreeMap<>()).put(offset, traits)
                == null) {
            blockedCount++;
        }
    }

    /** A key is free: lets the first of its records in each class take its turn. */
    void unblock(int key) {
        TreeMap<Long, Traits> waiting = blocked.remove(key);
        if (waiting == null) {
            return;
        }
        blockedCount -= waiting.size();
        var served = new boolean[Traits.MOST_PRIORITIES];
        waiting.forEach((offset, traits) -> {
            int priority = traits.priority();
            if (!members.contains(offset)) {
                return;
            }
            if (served[priority]) {
                block(offset, traits);
            } else {
                served[priority] = true;
                var due = new Traits(key, 0, traits.expiresMs(), priority);
                ready.get(priority).add(offset, due);
            }
        });
    }

    /** When the next becomes due; {@link Traits#NEVER} if none does. */
    long nextDueMs() {
        long next = Traits.NEVER;
        for (DueHeap heap : delayed) {
            while (!heap.isEmpty() && !members.contains(heap.offset(0))) {
                heap.removeFirst();
            }
            if (!heap.isEmpty()) {
                next = Math.min(next, heap.firstDueMs());
            }
        }
        return next;
    }

    /** Every record, in no order; one may be named twice. */
    void forEach(BiConsumer<Long, Traits> each) {
        for (int priority = 0; priority < Traits.MOST_PRIORITIES; priority++) {
            forEach(delayed.get(priority), priority, each);
            forEach(ready.get(priority), priority, each);
        }
        for (TreeMap<Long, Traits> waiting : blocked.values()) {
            waiting.forEach((offset, traits) -> {
                if (members.contains(offset)) {
                    each.accept(offset, traits);
                }
            });
        }
    }

    private void forEach(DueHeap heap, int priority, BiConsumer<Long, Traits> each) {
        for (int slot = 0; slot < heap.size(); slot++) {
            if (members.contains(heap.offset(slot))) {
                each.accept(heap.offset(slot), heap.traits(slot, priority));
            }
        }
    }

    /** Replaces what a page holds by what was stored of it. */
    void restorePage(long page, Map<Long, Traits> stored) {
        long base = page * OffsetSet.PAGE;
        for (long offset : members.within(base, base + OffsetSet.PAGE - 1)) {
            if (!stored.containsKey(offset)) {
                members.remove(offset);
            }
        }
        stored.forEach(this::add);
        dirtyPages.remove(page);
    }

    void markDirty(long page) {
        dirtyPages.add(page);
    }

    /**
     * The pages that have changed since they were last asked for, each with what it holds now;
     * empty ones too.
     */
    Map<Long, Map<Long, Traits>> takeDirtyPages() {
        var pages = new TreeMap<Long, Map<Long, Traits>>();
        dirtyPages.forEach(page -> pages.put(page, new TreeMap<>()));
        if (!dirtyPages.isEmpty() && members.size() > 0) {
            forEach((offset, traits) -> {
                Map<Long, Traits> page = pages.get(offset / OffsetSet.PAGE);
                if (page != null) {
                    page.put(offset, traits);
                }
            });
        }
        dirtyPages.clear();
        return pages;
    }
}
