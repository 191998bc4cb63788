package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.Traits;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;

/** Records whose keys were busy when they were due, by key and class, in order. Mutable. */
final class Blocked {
    private final Map<Lane, DueHeap> lanes = new HashMap<>();
    private int size;
    private int capacity;

    /** The records of a key in a class, which come one after the other. */
    private record Lane(int key, int priority) {}

    /** How many there are, those included that have left the backlog meanwhile. */
    int size() {
        return size;
    }

    /** Slots that are taken up. */
    int capacity() {
        return capacity;
    }

    void add(long offset, Traits traits) {
        DueHeap lane =
                lanes.computeIfAbsent(
                        new Lane(traits.key(), traits.priority()), absent -> new DueHeap());
        int before = lane.capacity();
        lane.add(offset, traits.atOnce());
        capacity += lane.capacity() - before;
        size++;
    }

    /** Takes out the first record of a key in each class that is in the backlog still. */
    void free(int key, LongPredicate isMember, BiConsumer<Long, Traits> first) {
        for (int priority = 0; priority < Traits.MOST_PRIORITIES; priority++) {
            var name = new Lane(key, priority);
            DueHeap lane = lanes.get(name);
            if (lane != null) {
                int before = lane.capacity();
                boolean found = false;
                while (!found && !lane.isEmpty()) {
                    long offset = lane.offset(0);
                    Traits traits = lane.traits(0, priority);
                    lane.removeFirst();
                    size--;
                    found = isMember.test(offset);
                    if (found) {
                        first.accept(offset, traits);
                    }
                }
                capacity += (lane.isEmpty() ? 0 : lane.capacity()) - before;
                if (lane.isEmpty()) {
                    lanes.remove(name);
                }
            }
        }
    }

    /** Every record from {@code first} to {@code last}, both included, in no order. */
    void forEach(long first, long last, BiConsumer<Long, Traits> each) {
        lanes.forEach((lane, heap) -> heap.forEach(lane.priority(), first, last, each));
    }
}
