package io.millrace.broker.group.shard;

import io.millrace.broker.group.offsets.OffsetOrder;
import io.millrace.broker.group.offsets.PendingOffsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a shard, and which of them time has something to do for. Groups tell how early that
 * can be; a look that comes too early costs little, one for each group at each tick would not.
 */
final class GroupTable<T> {
    private final Map<String, Group<T>> groups = new HashMap<>();
    private final PriorityQueue<Wake> wakes =
            new PriorityQueue<>(Comparator.comparingLong(Wake::atMs));

    private final OffsetOrder order = new OffsetOrder();
    private final PendingOffsets pending = new PendingOffsets();

    private record Wake(long atMs, String group) {}

    /** The order of offsets, of all groups. */
    OffsetOrder order() {
        return order;
    }

    /** What open transactions are to commit, of all groups. */
    PendingOffsets pending() {
        return pending;
    }

    @Nullable Group<T> find(String id) {
        return groups.get(id);
    }

    /** The group of that name, made if there is none. */
    Group<T> findOrMake(String id, long nowMs) {
        return groups.computeIfAbsent(id, key -> Group.bare(key, nowMs));
    }

    void add(Group<T> group) {
        groups.put(group.id(), group);
    }

    void remove(String id) {
        groups.remove(id);
    }

    /** How many groups there are. */
    int size() {
        return groups.size();
    }

    /** All groups, in no order; a copy, so that some may go meanwhile. */
    List<Group<T>> copy() {
        return List.copyOf(groups.values());
    }

    Collection<Group<T>> all() {
        return groups.values();
    }

    /** Has a group looked at when it asks for that, if it has changed its mind. */
    void watch(Group<T> group) {
        long atMs = group.members().wakeMs();
        if (atMs < group.wakesAtMs()) {
            group.wakeAt(atMs);
            wakes.add(new Wake(atMs, group.id()));
        }
    }

    /** The groups to look at now. They are to be watched again afterwards. */
    List<Group<T>> due(long nowMs) {
        var due = new ArrayList<Group<T>>();
        for (Wake wake = wakes.peek(); wake != null && wake.atMs() <= nowMs; wake = wakes.peek()) {
            wakes.remove();
            Group<T> group = groups.get(wake.group());
            if (group != null && group.wakesAtMs() == wake.atMs()) {
                group.wakeAt(Long.MAX_VALUE);
                due.add(group);
            }
        }
        return due;
    }
}
