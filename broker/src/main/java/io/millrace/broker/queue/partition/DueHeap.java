package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.Traits;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Records by when they are due, then by offset: a binary heap in columns, 28 bytes a record, for
 * there may be millions. Mutable.
 */
final class DueHeap {
    /** What a slot takes up. */
    static final int SLOT_BYTES = 3 * Long.BYTES + Integer.BYTES;

    private static final int LEAST_CAPACITY = 4;

    /** From here on it grows by an eighth, not by half. */
    private static final int LARGE = 64 * 1024;

    private long[] dueMs = {};
    private long[] offsets = {};
    private long[] expiresMs = {};
    private int[] keys = {};
    private int size;

    int size() {
        return size;
    }

    /** Slots that are taken up. */
    int capacity() {
        return offsets.length;
    }

    boolean isEmpty() {
        return size == 0;
    }

    long firstDueMs() {
        return dueMs[0];
    }

    long offset(int slot) {
        return offsets[slot];
    }

    /** What a slot's record asks for. */
    Traits traits(int slot, int priority) {
        return new Traits(keys[slot], dueMs[slot], expiresMs[slot], priority);
    }

    void add(long offset, Traits traits) {
        if (size == offsets.length) {
            resize(Math.max(LEAST_CAPACITY, size + (size >> (size < LARGE ? 1 : 3))));
        }
        int slot = size++;
        dueMs[slot] = traits.dueMs();
        offsets[slot] = offset;
        expiresMs[slot] = traits.expiresMs();
        keys[slot] = traits.key();
        while (slot > 0 && isBefore(slot, (slot - 1) / 2)) {
            swap(slot, (slot - 1) / 2);
            slot = (slot - 1) / 2;
        }
    }

    /** Removes what is due first. */
    void removeFirst() {
        size--;
        swap(0, size);
        siftDown();
        if (size < offsets.length / 4 && offsets.length > LEAST_CAPACITY) {
            resize(Math.max(LEAST_CAPACITY, offsets.length / 2));
        }
    }

    /** Every record from {@code first} to {@code last}, both included, in no order. */
    void forEach(int priority, long first, long last, BiConsumer<Long, Traits> each) {
        for (int slot = 0; slot < size; slot++) {
            if (offsets[slot] >= first && offsets[slot] <= last) {
                each.accept(offsets[slot], traits(slot, priority));
            }
        }
    }

    private void siftDown() {
        int slot = 0;
        while (2 * slot + 1 < size) {
            int child = 2 * slot + 1;
            if (child + 1 < size && isBefore(child + 1, child)) {
                child++;
            }
            if (!isBefore(child, slot)) {
                return;
            }
            swap(child, slot);
            slot = child;
        }
    }

    private boolean isBefore(int a, int b) {
        return dueMs[a] != dueMs[b] ? dueMs[a] < dueMs[b] : offsets[a] < offsets[b];
    }

    private void swap(int a, int b) {
        swap(dueMs, a, b);
        swap(offsets, a, b);
        swap(expiresMs, a, b);
        int key = keys[a];
        keys[a] = keys[b];
        keys[b] = key;
    }

    private static void swap(long[] column, int a, int b) {
        long value = column[a];
        column[a] = column[b];
        column[b] = value;
    }

    private void resize(int capacity) {
        dueMs = Arrays.copyOf(dueMs, capacity);
        offsets = Arrays.copyOf(offsets, capacity);
        expiresMs = Arrays.copyOf(expiresMs, capacity);
        keys = Arrays.copyOf(keys, capacity);
    }
}
