package io.millrace.broker.wire.keyed;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * An array in a request whose elements go into hash tables by a key; or the request itself, as what
 * is around its arrays.
 *
 * @param name of the array's field in the schema
 * @param keys names of the fields that make the key, in the order in which Kafka hashes them; none
 *     if the elements are no structs but keys themselves
 * @param tables which tables they go into
 * @param inside the arrays that each element has, if they matter
 */
record KeyedArray(String name, List<String> keys, Set<Table> tables, List<KeyedArray> inside) {
    /** An array that does not matter, nor anything in it. */
    static final KeyedArray NONE = request();

    /** A table that elements go into. */
    enum Table {
        /** A collection of Kafka's that is filled while the request is read. */
        READ,

        /** A collection in the answer, with an element for each here; made with room for all. */
        ANSWERED,

        /** A collection in the answer that Kafka makes without knowing how many there will be. */
        GROWN,

        /** A hash map for all of the request: by the name around them and a number, here. */
        NAMED_NUMBERS,

        /** The same, by an id and a number. */
        IDENTIFIED_NUMBERS
    }

    static KeyedArray request(KeyedArray... arrays) {
        return new KeyedArray("", List.of(), Set.of(), List.of(arrays));
    }

    static KeyedArray array(String name, String... keys) {
        return new KeyedArray(name, List.of(keys), Set.of(), List.of());
    }

    KeyedArray into(Table... these) {
        return new KeyedArray(name, keys, EnumSet.copyOf(Arrays.asList(these)), inside);
    }

    KeyedArray with(KeyedArray... arrays) {
        return new KeyedArray(name, keys, tables, List.of(arrays));
    }

    /** The array of that name in each element. */
    KeyedArray inside(String field) {
        for (KeyedArray each : inside) {
            if (each.name.equals(field)) {
                return each;
            }
        }
        return NONE;
    }
}
