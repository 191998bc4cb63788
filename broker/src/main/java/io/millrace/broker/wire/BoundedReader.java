package io.millrace.broker.wire;

import java.nio.ByteBuffer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request for Kafka's generated classes, and stops at one that would cost far more than its
 * bytes: too many elements, or keys that all hash alike. Kafka's keyed collections probe linearly
 * and move every element again when they grow, which takes the cube of the number of such keys. For
 * one request, on the thread that decodes it.
 */
final class BoundedReader extends ByteBufferAccessor {
    /** Elements of a produce request in all its arrays: some 200 bytes of heap each. */
    static final int MOST_PRODUCED = 100_000;

    /** Protocols of a member. They are keyed by name, and a client supports a few. */
    static final int MOST_PROTOCOLS = 500;

    /** Keys that share a counter. Arrays no longer than this are not looked at. */
    static final int MOST_ALIKE = 500;

    private static final int COUNTERS = 1024;

    /** Where Kafka's collections begin to grow, and how often they do for the most elements. */
    private static final int FIRST_TABLE = 2001;

    private static final int TABLES = 7;
    private static final int NAME_WEIGHT = 31;

    private final int mostElements;
    private final int nameWeight;

    /** Whether its only names are keys, of the request or of its answer: none comes often. */
    private final boolean keyed;

    private int elements;
    private int lastNumber;
    private int @Nullable [] alike;

    BoundedReader(ByteBuffer bytes, ApiKeys api) {
        super(bytes);
        mostElements =
                switch (api) {
                    case PRODUCE -> MOST_PRODUCED;
                    case JOIN_GROUP -> MOST_PROTOCOLS;
                    default -> Integer.MAX_VALUE;
                };
        nameWeight = api == ApiKeys.PRODUCE ? NAME_WEIGHT : 1;
        keyed =
                switch (api) {
                    case PRODUCE,
                            METADATA,
                            DELETE_TOPICS,
                            OFFSET_FOR_LEADER_EPOCH,
                            ADD_PARTITIONS_TO_TXN,
                            CREATE_PARTITIONS,
                            OFFSET_DELETE,
                            ELECT_LEADERS,
                            DESCRIBE_PRODUCERS,
                            DESCRIBE_LOG_DIRS,
                            ALTER_SHARE_GROUP_OFFSETS,
                            SHARE_FETCH,
                            SHARE_ACKNOWLEDGE ->
                            true;
                    default -> false;
                };
    }

    @Override
    public int readInt() {
        lastNumber = super.readInt();
        return lastNumber;
    }

    @Override
    public int readUnsignedVarint() {
        lastNumber = super.readUnsignedVarint();
        return lastNumber;
    }

    /** The generated classes ask this once an array or a set of tagged fields, after its length. */
    @Override
    public int remaining() {
        int count = lastNumber;
        lastNumber = 0;
        if (count > mostElements - elements) {
            throw new InvalidRequestException("more than %d elements".formatted(mostElements));
        }
        if (count > 0 && mostElements != Integer.MAX_VALUE) {
            elements += count;
        }
        if (keyed && count > MOST_ALIKE && alike == null) {
            alike = new int[(1 + TABLES) * COUNTERS];
        }
        return super.remaining();
    }

    @Override
    public String readString(int length) {
        String name = super.readString(length);
        if (alike != null) {
            countAlike(alike, nameWeight * name.hashCode());
        }
        return name;
    }

    @Override
    public Uuid readUuid() {
        Uuid id = super.readUuid();
        if (alike != null && !id.equals(Uuid.ZERO_UUID)) {
            countAlike(alike, id.hashCode());
        }
        return id;
    }

    /** Counts a key by its hash, and by the place that it has in a table of each size. */
    private static void countAlike(int[] counters, int hash) {
        count(counters, 0, hash ^ hash >>> 16);
        int table = FIRST_TABLE;
        for (int i = 1; i <= TABLES; i++) {
            count(counters, i, (hash & Integer.MAX_VALUE) % table);
            table = 2 * table + 1;
        }
    }

    private static void count(int[] counters, int row, int place) {
        if (++counters[row * COUNTERS + (place & COUNTERS - 1)] > MOST_ALIKE) {
            throw new InvalidRequestException(
                    "more than %d names that hash alike".formatted(MOST_ALIKE));
        }
    }
}
