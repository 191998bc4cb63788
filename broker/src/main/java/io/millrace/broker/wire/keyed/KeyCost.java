package io.millrace.broker.wire.keyed;

import io.millrace.broker.wire.keyed.KeyedArray.Table;
import java.util.Arrays;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.MessageUtil;

/**
 * How many slots hash tables look at to take in the keys of a request. Kafka's keyed collections
 * probe linearly, and grow by taking out one element after the other, each time seating anew all
 * that lie behind it: that takes the cube of the number of keys that hash alike, and its square for
 * numbers in sequence. This goes through the same tables, of the same sizes, with the hashes alone,
 * and knows from one look at a full table what it costs to empty it. For one request.
 */
final class KeyCost implements KeyWalk.Keys {
    /**
     * What a request may cost: half a second at most. 16,000 numbers in sequence are allowed, as
     * the partitions of one topic are, and some 600 equal names.
     */
    static final long MOST_SLOTS = 100_000_000;

    private static final int SMALLEST_TABLE = 5;

    /** How far from its home the element in each slot lies, and one more; 0 if the slot is free. */
    private int[] reach = {};

    private final long mostSlots;
    private long slots;

    KeyCost(long mostSlots) {
        this.mostSlots = mostSlots;
    }

    @Override
    public void array(KeyedArray array, int[] hashes, int count) {
        if (array.tables().contains(Table.READ)) {
            int expected = Math.min(count, MessageUtil.MAX_PREALLOCATED_ARRAY_CAPACITY);
            fill(hashes, count, tableFor(expected));
        }
        if (array.tables().contains(Table.ANSWERED)) {
            fill(hashes, count, tableFor(count + 1));
        }
        if (array.tables().contains(Table.GROWN)) {
            fill(hashes, count, SMALLEST_TABLE);
        }
    }

    /** Hash maps search keys of one hash one by one, if those have no order. */
    @Override
    public void pairs(int[] hashes, int count) {
        Arrays.sort(hashes, 0, count);
        long alike = 0;
        for (int i = 1; i < count; i++) {
            alike = hashes[i] == hashes[i - 1] ? alike + 1 : 0;
            count(alike);
        }
    }

    /** Slots looked at so far. */
    long slots() {
        return slots;
    }

    private static int tableFor(int elements) {
        return Math.max(SMALLEST_TABLE, 2 * elements + 1);
    }

    private void fill(int[] hashes, int count, int firstTable) {
        int table = firstTable;
        int held = Math.min(count, mostIn(table));
        fillOnce(hashes, held, table);
        while (held < count) {
            countEmptying(table);
            table = 2 * table + 1;
            held = Math.min(count, mostIn(table));
            fillOnce(hashes, held, table);
        }
    }

    /** A table grows before it takes one more than these. */
    private static int mostIn(int table) {
        return table / 2 - 1;
    }

    private void fillOnce(int[] hashes, int count, int table) {
        if (reach.length < table) {
            reach = new int[table];
        } else {
            Arrays.fill(reach, 0, table, 0);
        }
        for (int i = 0; i < count; i++) {
            int slot = (hashes[i] & Integer.MAX_VALUE) % table;
            int looked = 1;
            while (reach[slot] != 0) {
                slot = slot + 1 == table ? 0 : slot + 1;
                looked++;
            }
            reach[slot] = looked;
            count(looked);
        }
    }

    /**
     * At most: as if each element, when one before it in its run of taken slots goes, were passed
     * once, and then sought from its home to where it first lay.
     */
    private void countEmptying(int table) {
        int free = 0;
        while (reach[free] != 0) {
            free++;
        }
        long before = 0;
        for (int i = 1; i < table; i++) {
            int slot = free + i < table ? free + i : free + i - table;
            if (reach[slot] == 0) {
                before = 0;
            } else {
                count(before * (1 + reach[slot]));
                before++;
            }
        }
    }

    private void count(long looked) {
        slots += looked;
        if (slots > mostSlots) {
            throw new InvalidRequestException(
                    "its keys hash so much alike that reading them would take too long");
        }
    }
}
