package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.Traits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The records that are held, that rest between deliveries, that may be taken now, and that wait for
 * their burial; each found by offset and by what it waits for. Mutable.
 */
final class Window {
    private static final Comparator<Held> BY_TIME =
            Comparator.comparingLong((Held held) -> held.untilMs).thenComparingLong(Held::offset);

    private final TreeMap<Long, Held> byOffset = new TreeMap<>();
    private final TreeSet<Held> locks = new TreeSet<>(BY_TIME);
    private final TreeSet<Held> resting = new TreeSet<>(BY_TIME);
    private final List<TreeMap<Long, Held>> ripe = new ArrayList<>();
    private final TreeMap<Long, Held> dead = new TreeMap<>();
    private final Set<Integer> busyKeys = new HashSet<>();
    private final Set<Long> dirtyPages = new HashSet<>();

    Window() {
        for (int i = 0; i < Traits.MOST_PRIORITIES; i++) {
            ripe.add(new TreeMap<>());
        }
    }

    @Nullable Held get(long offset) {
        return byOffset.get(offset);
    }

    /** The least offset; -1 if it is empty. */
    long first() {
        return byOffset.isEmpty() ? -1 : byOffset.firstKey();
    }

    int size() {
        return byOffset.size();
    }

    /** How many are not dead. */
    int aliveCount() {
        return byOffset.size() - dead.size();
    }

    int acquiredCount() {
        return locks.size();
    }

    /** How many of a class or a higher one may be taken. */
    int ripeCount(int leastPriority) {
        int count = 0;
        for (int priority = leastPriority; priority < Traits.MOST_PRIORITIES; priority++) {
            count += ripe.get(priority).size();
        }
        return count;
    }

    boolean isBusy(int key) {
        return busyKeys.contains(key);
    }

    /** Every record, by offset. */
    Collection<Held> all() {
        return byOffset.values();
    }

    /** Those from {@code first} to {@code last}, both included. */
    Collection<Held> within(long first, long last) {
        return byOffset.subMap(first, true, last, true).values();
    }

    /** The dead, by offset. */
    Collection<Held> dead() {
        return dead.values();
    }

    /** Those that may be taken, the highest class first, then by offset. */
    List<Held> ripe(int most) {
        var found = new ArrayList<Held>();
        for (int priority = Traits.MOST_PRIORITIES - 1; priority >= 0; priority--) {
            for (Held held : ripe.get(priority).values()) {
                if (found.size() == most) {
                    return found;
                }
                found.add(held);
            }
        }
        return found;
    }

    /** The dead from {@code first} to {@code last}, both included. */
    Collection<Held> deadWithin(long first, long last) {
        return dead.subMap(first, true, last, true).values();
    }

    /** The pages on which the dead are others since this was last asked for. */
    Set<Long> takeDirtyPages() {
        Set<Long> taken = Set.copyOf(dirtyPages);
        dirtyPages.clear();
        return taken;
    }

    /** The dead of a page are as they are stored. */
    void markClean(long page) {
        dirtyPages.remove(page);
    }

    /** Adds a record, or changes the one that is there. */
    Held put(long offset, Traits traits, Consumer<Held> change) {
        Held held = byOffset.get(offset);
        if (held == null) {
            held = new Held(offset, traits);
            byOffset.put(offset, held);
        } else {
            unindex(held);
        }
        change.accept(held);
        index(held);
        return held;
    }

    /** Forgets a record; nothing happens if it is not there. */
    @Nullable Held remove(long offset) {
        Held held = byOffset.remove(offset);
        if (held != null) {
            unindex(held);
        }
        return held;
    }

    private void index(Held held) {
        if (held.phase != Phase.DEAD && held.traits().key() != 0) {
            busyKeys.add(held.traits().key());
        }
        switch (held.phase) {
            case ACQUIRED -> locks.add(held);
            case DEAD -> {
                dead.put(held.offset(), held);
                dirtyPages.add(SharePartition.pageOf(held.offset()));
            }
            case AVAILABLE -> {
                held.ripe = held.untilMs == 0;
                if (held.ripe) {
                    ripen(held);
                } else {
                    resting.add(held);
                }
            }
        }
    }

    private void ripen(Held held) {
        held.ripe = true;
        ripe.get(held.traits().priority()).put(held.offset(), held);
    }

    private void unindex(Held held) {
        if (held.phase != Phase.DEAD) {
            busyKeys.remove(held.traits().key());
        }
        switch (held.phase) {
            case ACQUIRED -> locks.remove(held);
            case DEAD -> {
                dead.remove(held.offset());
                dirtyPages.add(SharePartition.pageOf(held.offset()));
            }
            case AVAILABLE -> {
                if (held.ripe) {
                    ripe.get(held.traits().priority()).remove(held.offset());
                } else {
                    resting.remove(held);
                }
                held.ripe = false;
            }
        }
    }

    /** Lets those be taken whose rest is over. */
    void ripen(long nowMs) {
        while (!resting.isEmpty() && resting.first().untilMs <= nowMs) {
            ripen(resting.removeFirst());
        }
    }

    /** When the next rest is over; {@link Traits#NEVER} if nobody rests. */
    long nextRipeMs() {
        return resting.isEmpty() ? Traits.NEVER : resting.first().untilMs;
    }

    /** Those whose lock has ended. */
    List<Held> timedOut(long nowMs) {
        var ended = new ArrayList<Held>();
        for (Held held : locks) {
            if (held.untilMs > nowMs) {
                break;
            }
            ended.add(held);
        }
        return ended;
    }

    /** Forgets all but the dead. */
    void clearAlive() {
        List.copyOf(byOffset.values()).stream()
                .filter(held -> held.phase != Phase.DEAD)
                .forEach(held -> remove(held.offset()));
    }

    /** Those that a member holds. */
    List<Held> heldBy(String member) {
        return locks.stream().filter(held -> held.member.equals(member)).toList();
    }
}
