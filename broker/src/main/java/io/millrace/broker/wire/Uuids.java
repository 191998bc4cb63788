package io.millrace.broker.wire;

import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Topic ids as Kafka's messages and as the rest of the broker write them. */
public final class Uuids {
    private Uuids() {}

    /** The JDK's form of a wire id. */
    public static UUID fromWire(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /** The wire form of an id. */
    public static Uuid toWire(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
}
