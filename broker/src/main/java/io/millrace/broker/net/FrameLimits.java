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

    /** What a request costs once it is decoded, in bytes a byte. */
    private static final int DECODED_WEIGHT = 24;

    /** Requests up to this size cost what they are: clients keep some of these parked. */
    private static final int SMALL_BYTES = 4096;

    /** The largest request to an API. */
    int largest(short api) {
        return api == PRODUCE ? largestBytes : Math.min(largestBytes, largestControlBytes);
    }

    /** Bytes of memory that a request to an API comes to, its own included. */
    int weight(short api, int frameBytes) {
        return api == PRODUCE || frameBytes <= SMALL_BYTES
                ? frameBytes
                : (int) Math.min(Integer.MAX_VALUE, (long) DECODED_WEIGHT * frameBytes);
    }
}
