package io.millrace.storage.recovery;

/**
 * What a difference between two CRC32Cs says. The CRC is linear: the difference that one flipped
 * bit makes depends on how far it is from the end of the bytes only, and is met by walking from
 * there (Koopman and Chakravarty, Cyclic Redundancy Code Polynomial Selection, 2004).
 */
final class Crc32cErrors {
    /** The polynomial of Castagnoli, its lowest power first: what the last bit of all makes. */
    private static final int POLYNOMIAL = 0x82F63B78;

    private Crc32cErrors() {}

    /**
     * Whether one flipped bit of the bytes, or of the CRC that was stored, makes the difference.
     * Takes time in proportion to the bytes, some nanoseconds each.
     */
    static boolean isOfOneBit(int difference, long bytes) {
        if (Integer.bitCount(difference) == 1) {
            return true;
        }
        int made = POLYNOMIAL;
        for (long bit = 0; bit < bytes * Byte.SIZE; bit++) {
            if (made == difference) {
                return true;
            }
            made = (made >>> 1) ^ (POLYNOMIAL & -(made & 1));
        }
        return false;
    }
}
