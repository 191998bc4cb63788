package io.millrace.broker.wire.keyed;

import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.Schema;

/** Refuses requests with keys that would take too long to decode or to answer. Stateless. */
public final class KeyCheck {
    private KeyCheck() {}

    /** Whether requests of this kind have keys at all. */
    public static boolean concerns(ApiKeys api) {
        return KeyedArrays.of(api) != null;
    }

    /**
     * Looks through a request. Takes time and memory by its bytes, whatever is in them.
     *
     * @param body its bytes without the header; what is left of them is read
     * @param mostElements in all its arrays
     * @throws org.apache.kafka.common.errors.InvalidRequestException if it would take too long, or
     *     has more elements
     * @throws RuntimeException of another kind if the bytes are no such request
     */
    public static void check(ApiKeys api, short version, ByteBuffer body, long mostElements) {
        var _ = slots(api, version, body, mostElements);
    }

    /** The same; returns how many slots of hash tables are looked at for it. */
    static long slots(ApiKeys api, short version, ByteBuffer body, long mostElements) {
        var cost = new KeyCost(KeyCost.MOST_SLOTS);
        KeyedArray request = KeyedArrays.of(api);
        if (request != null) {
            Schema schema = api.messageType.requestSchemas()[version];
            new KeyWalk(body, cost, mostElements).walk(schema, request);
        }
        return cost.slots();
    }
}
