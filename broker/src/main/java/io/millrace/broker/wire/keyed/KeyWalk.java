package io.millrace.broker.wire.keyed;

import io.millrace.broker.wire.keyed.KeyedArray.Table;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.NullableSchema;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.utils.internals.ByteUtils;

/**
 * Goes through a request's bytes by its schema, and gathers the hashes of the keys in its keyed
 * arrays as Kafka's classes compute them. What the bytes claim is there is believed only as far as
 * they go. For one request.
 */
final class KeyWalk {
    private static final int HASH_WEIGHT = 31;
    private static final int FIRST_KEYS = 16;

    private final ByteBuffer bytes;
    private final Keys keys;
    private final long mostElements;
    private final IntList pairs = new IntList();
    private long elements;

    /** Is told of the keys. */
    interface Keys {
        /**
         * The keys of all elements of one array, in their order.
         *
         * @param hashes valid during this call, up to {@code count}
         */
        void array(KeyedArray array, int[] hashes, int count);

        /** Those of all pairs in the request: hashes that are equal where the pairs' own are. */
        void pairs(int[] hashes, int count);
    }

    /**
     * @param bytes the request's body, which this reads from
     * @param mostElements in all arrays
     */
    KeyWalk(ByteBuffer bytes, Keys keys, long mostElements) {
        this.bytes = bytes;
        this.keys = keys;
        this.mostElements = mostElements;
    }

    /**
     * Walks once.
     *
     * @throws RuntimeException of any kind, if the bytes are no such request
     */
    void walk(Schema schema, KeyedArray request) {
        struct(schema, request);
        keys.pairs(pairs.values, pairs.count);
    }

    /** Reads a struct and returns its key's hash. */
    private int struct(Schema schema, KeyedArray of) {
        int[] own = new int[of.keys().size()];
        for (BoundField bound : schema.fields()) {
            int at = of.keys().indexOf(bound.def.name);
            if (at >= 0) {
                own[at] = Objects.hashCode(bound.def.type.read(bytes));
            } else {
                skip(bound.def.type, of.inside(bound.def.name), own);
            }
        }
        return hash(own);
    }

    private static int hash(int[] parts) {
        int hash = 0;
        for (int part : parts) {
            hash = HASH_WEIGHT * hash + part;
        }
        return hash;
    }

    private void skip(Type type, KeyedArray array, int[] around) {
        switch (type) {
            case NullableSchema schema -> {
                if (bytes.get() >= 0) {
                    struct(schema, KeyedArray.NONE);
                }
            }
            case Schema schema -> struct(schema, KeyedArray.NONE);
            case TaggedFields _ -> skipTagged();
            default -> {
                if (type.isArray()) {
                    array(type, array, hash(around));
                } else {
                    type.read(bytes);
                }
            }
        }
    }

    /** None of them is a keyed array. */
    private void skipTagged() {
        int count = ByteUtils.readUnsignedVarint(bytes);
        for (int i = 0; i < count; i++) {
            ByteUtils.readUnsignedVarint(bytes);
            int length = ByteUtils.readUnsignedVarint(bytes);
            bytes.position(bytes.position() + length);
        }
    }

    private void array(Type type, KeyedArray array, int around) {
        boolean compact = type instanceof CompactArrayOf;
        int count = compact ? ByteUtils.readUnsignedVarint(bytes) - 1 : bytes.getInt();
        elements += Math.max(0, count);
        if (count > bytes.remaining() || elements > mostElements) {
            throw new InvalidRequestException("%d elements are too many".formatted(elements));
        }
        Type element = type.arrayElementType().orElseThrow();
        var hashes = new IntList();
        for (int i = 0; i < count; i++) {
            int hash = element(element, array);
            if (!array.tables().isEmpty()) {
                hashes.add(hash);
            }
            // Kafka's TopicPartition and TopicIdPartition, without what is the same in all.
            if (array.tables().contains(Table.NAMED_NUMBERS)) {
                pairs.add(HASH_WEIGHT * hash + around);
            } else if (array.tables().contains(Table.IDENTIFIED_NUMBERS)) {
                pairs.add(hash + around);
            }
        }
        if (hashes.count > 0) {
            keys.array(array, hashes.values, hashes.count);
        }
    }

    private int element(Type type, KeyedArray array) {
        return type instanceof Schema schema
                ? struct(schema, array)
                : Objects.hashCode(type.read(bytes));
    }

    private static final class IntList {
        private int[] values = {};
        private int count;

        void add(int value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, Math.max(FIRST_KEYS, 2 * count));
            }
            values[count++] = value;
        }
    }
}
