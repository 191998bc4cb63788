package io.millrace.broker.wire.keyed;

import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.NullableSchema;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a request, written by its schema: Kafka's own classes would take as long to make
 * some of them as to read them. Every struct has a tagged field that nobody knows.
 */
public final class WrittenRequest {
    private static final int MOST_BYTES = 1 << 23;
    private static final int UNKNOWN_TAG = 9_999;
    private static final int LETTERS = 7;
    private static final int BASE = 31;

    private final ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
    private final Content content;

    /** What is in a request. Paths are like {@code topics.configs.name}. */
    public interface Content {
        /** How many elements the arrays at that path have. */
        int count(String path);

        /**
         * A field of an element, or the element itself.
         *
         * @param index of the element in its array
         */
        @Nullable Object value(String path, Type type, int index);
    }

    private WrittenRequest(Content content) {
        this.content = content;
    }

    /** The body of a request. */
    public static ByteBuffer of(ApiKeys api, short version, Content content) {
        var written = new WrittenRequest(content);
        written.struct(api.messageType.requestSchemas()[version], "", 0);
        return written.bytes.flip();
    }

    /**
     * Arrays in which everything has one name.
     *
     * @param counts of elements by path; others have none
     */
    public static Content named(Map<String, Integer> counts, String name) {
        return new Content() {
            @Override
            public int count(String path) {
                return counts.getOrDefault(path, 0);
            }

            @Override
            public @Nullable Object value(String path, Type type, int index) {
                return kind(type).endsWith("STRING") ? name : nothing(type);
            }
        };
    }

    /** A name with that hash. */
    public static String nameOf(int hash) {
        long digits = Integer.toUnsignedLong(hash - "A".repeat(LETTERS).hashCode());
        var name = new StringBuilder();
        for (int i = 0; i < LETTERS; i++) {
            name.append((char) ('A' + digits % BASE));
            digits /= BASE;
        }
        return name.reverse().toString();
    }

    /** Kafka's name of a type. */
    public static String kind(Type type) {
        return type instanceof Type.DocumentedType documented ? documented.typeName() : "STRUCT";
    }

    /** As little as there can be in a field. */
    public static @Nullable Object nothing(Type type) {
        return switch (kind(type)) {
            case "BOOLEAN" -> false;
            case "INT8" -> (byte) 0;
            case "INT16" -> (short) 0;
            case "UINT16", "INT32" -> 0;
            case "UINT32", "INT64" -> 0L;
            case "FLOAT64" -> 0.0;
            case "UUID" -> Uuid.ZERO_UUID;
            case "STRING", "COMPACT_STRING" -> "";
            case "BYTES", "COMPACT_BYTES" -> ByteBuffer.allocate(0);
            case "RECORDS", "COMPACT_RECORDS" -> MemoryRecords.EMPTY;
            default -> null;
        };
    }

    private void struct(Schema schema, String path, int index) {
        for (var bound : schema.fields()) {
            Field field = bound.def;
            value(field.type, path.isEmpty() ? field.name : path + "." + field.name, index);
        }
    }

    private void value(Type type, String path, int index) {
        switch (type) {
            case NullableSchema _ -> bytes.put((byte) -1);
            case Schema schema -> struct(schema, path, index);
            case TaggedFields _ -> tagged();
            default -> {
                if (type.isArray()) {
                    array(type, path);
                } else {
                    type.write(bytes, content.value(path, type, index));
                }
            }
        }
    }

    private void tagged() {
        ByteUtils.writeUnsignedVarint(1, bytes);
        ByteUtils.writeUnsignedVarint(UNKNOWN_TAG, bytes);
        ByteUtils.writeUnsignedVarint(2, bytes);
        bytes.putShort((short) -1);
    }

    private void array(Type type, String path) {
        int count = content.count(path);
        if (type instanceof CompactArrayOf) {
            ByteUtils.writeUnsignedVarint(count + 1, bytes);
        } else {
            bytes.putInt(count);
        }
        Type element = type.arrayElementType().orElseThrow();
        for (int i = 0; i < count; i++) {
            value(element, path, i);
        }
    }
}
