package io.millrace.broker.queue.model;

import java.util.List;

/**
 * What a consumer says of records that it holds.
 *
 * @param first first offset, as the client sent it
 * @param last last offset, included, as the client sent it
 * @param types one for all, or one each
 */
public record AckBatch(long first, long last, List<Byte> types) {
    /** There is no such record. */
    public static final byte GAP = 0;

    public static final byte ACCEPT = 1;
    public static final byte RELEASE = 2;
    public static final byte REJECT = 3;
    public static final byte RENEW = 4;

    /** Whether it makes sense by itself, and after one that ended at {@code previousLast}. */
    public boolean isSound(long previousLast) {
        if (first <= previousLast || last < first || types.isEmpty()) {
            return false;
        }
        boolean oneEach = types.size() == 1 || types.size() - 1L == last - first;
        return oneEach && types.stream().allMatch(type -> type >= GAP && type <= RENEW);
    }

    /** Whether any of it is to be held on to. */
    public boolean renews() {
        return types.contains(RENEW);
    }

    /** What is said of one of its records. */
    public byte type(long offset) {
        return types.size() == 1 ? types.getFirst() : types.get((int) (offset - first));
    }
}
