package io.millrace.storage.batch;

/** Arithmetic of producer sequences, which go from the largest int to 0. */
public final class Sequences {
    private Sequences() {}

    /** The sequence {@code increment} after {@code sequence}; both at least 0. */
    public static int plus(int sequence, int increment) {
        return sequence > Integer.MAX_VALUE - increment
                ? increment - (Integer.MAX_VALUE - sequence) - 1
                : sequence + increment;
    }
}
