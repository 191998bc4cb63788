package io.millrace.broker.wire;

import io.millrace.broker.wire.keyed.KeyCheck;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;

/**
 * Reads a request for Kafka's generated classes, and stops at one that would cost far more than its
 * bytes: too many elements, or keys that hash alike. A request is looked through for such keys when
 * it turns out to be long: the collections that hold them take the cube of their number. For one
 * request, on the thread that decodes it.
 */
final class BoundedReader extends ByteBufferAccessor {
    /** Elements of a produce request in all its arrays: some 200 bytes of heap each. */
    static final int MOST_PRODUCED = 100_000;

    /** Protocols of a member. They are keyed by name, and a client supports a few. */
    static final int MOST_PROTOCOLS = 500;

    /** Elements, in all arrays, that are read without a look at their keys: alike or not. */
    static final int MOST_UNCHECKED = 500;

    private final ApiKeys api;
    private final short version;
    private final int start;
    private final long mostElements;
    private boolean unchecked;
    private long elements;
    private int lastNumber;

    /**
     * @param bytes the body, from its beginning
     */
    BoundedReader(ByteBuffer bytes, ApiKeys api, short version) {
        super(bytes);
        this.api = api;
        this.version = version;
        start = bytes.position();
        unchecked = KeyCheck.concerns(api);
        mostElements =
                switch (api) {
                    case PRODUCE -> MOST_PRODUCED;
                    case JOIN_GROUP -> MOST_PROTOCOLS;
                    default -> Long.MAX_VALUE;
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
        elements += Math.max(0, lastNumber);
        lastNumber = 0;
        if (elements > mostElements) {
            throw new InvalidRequestException("more than %d elements".formatted(mostElements));
        }
        if (unchecked && elements > MOST_UNCHECKED) {
            unchecked = false;
            KeyCheck.check(api, version, buffer().duplicate().position(start), mostElements);
        }
        return super.remaining();
    }
}
