package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
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
    /** What a page that holds a record takes up, however few they are, with what names it. */
    private static final int PAGE_BYTES = 256;

    private final OffsetSet members = new OffsetSet();
    private final List<DueHeap> delayed = heaps();
    private final List<DueHeap> ready = heaps();
    private final Blocked blocked = new Blocked();
    private final TreeSet<Long> dirtyPages = new TreeSet<>();

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

    /** About what it takes up. */
    long memoryBytes() {
        long slots = blocked.capacity();
        for (int priority = 0; priority < Traits.MOST_PRIORITIES; priority++) {
            slots += delayed.get(priority).capacity() + ready.get(priority).capacity();
        }
        return slots * DueHeap.SLOT_BYTES + (long) members.pages() * PAGE_BYTES;
    }

    /** How many are due, as far as is known: an upper bound. */
    int readyCount() {
        int count = blocked.size();
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
                blocked.add(offset, traits);
            } else {
                return new Next(offset, traits);
            }
        }
        return null;
    }

    /** A key is free: lets the first of its records in each class take its turn. */
    void unblock(int key) {
        blocked.free(
                key,
                members::contains,
                (offset, traits) -> ready.get(traits.priority()).add(offset, traits));
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
        forEach(0, Long.MAX_VALUE, each);
    }

    private void forEach(long first, long last, BiConsumer<Long, Traits> each) {
        BiConsumer<Long, Traits> eachMember =
                (offset, traits) -> {
                    if (members.contains(offset)) {
                        each.accept(offset, traits);
                    }
                };
        for (int priority = 0; priority < Traits.MOST_PRIORITIES; priority++) {
            delayed.get(priority).forEach(priority, first, last, eachMember);
            ready.get(priority).forEach(priority, first, last, eachMember);
        }
        blocked.forEach(first, last, eachMember);
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

    /** How many pages have changed since they were taken. */
    int dirtyPages() {
        return dirtyPages.size();
    }

    /**
     * The first pages that have changed since they were last taken, each with what it holds now;
     * empty ones too.
     */
    NavigableMap<Long, Map<Long, Traits>> takeDirtyPages(int most) {
        var pages = new TreeMap<Long, Map<Long, Traits>>();
        while (pages.size() < most && !dirtyPages.isEmpty()) {
            pages.put(dirtyPages.removeFirst(), new TreeMap<>());
        }
        if (!pages.isEmpty() && members.size() > 0) {
            long first = pages.firstKey() * OffsetSet.PAGE;
            long last = (pages.lastKey() + 1) * OffsetSet.PAGE - 1;
            forEach(
                    first,
                    last,
                    (offset, traits) -> {
                        Map<Long, Traits> page = pages.get(offset / OffsetSet.PAGE);
                        if (page != null) {
                            page.put(offset, traits);
                        }
                    });
        }
        return pages;
    }
}
