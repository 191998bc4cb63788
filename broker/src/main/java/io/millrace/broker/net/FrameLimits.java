package io.millrace.broker.net;

/**
 * How large requests may be. Only a produce request carries data, which stays as it came; any other
 * is decoded into objects many times its size.
 *
 * @param largestBytes any request ({@code socket.request.max.bytes})
 * @param largestControlBytes one that is no produce ({@code millrace.control.request.max.bytes})
 */
public record FrameLimits(int largestBytes, int largestControlBytes) {
    private static final short PRODUCE = 0;
    private static final short JOIN_GROUP = 11;

    /** What a request costs once it is decoded, in bytes a byte. */
    private static final int DECODED_WEIGHT = 24;

    /** A join has few names and one long field: the bytes, and their copy that waits with it. */
    private static final int JOIN_WEIGHT = 2;

    /** Requests up to this size cost what they are: clients keep some of these parked. */
    private static final int SMALL_BYTES = 4096;

    /** The largest request to an API. */
    int largest(short api) {
        return api == PRODUCE ? largestBytes : Math.min(largestBytes, largestControlBytes);
    }

    /** Bytes of memory that a request to an API comes to, its own included. */
    int weight(short api, int frameBytes) {
        if (api == PRODUCE || frameBytes <= SMALL_BYTES) {
            return frameBytes;
        }
        long weight = api == JOIN_GROUP ? JOIN_WEIGHT : DECODED_WEIGHT;
        return (int) Math.min(Integer.MAX_VALUE, weight * frameBytes);
    }
}
