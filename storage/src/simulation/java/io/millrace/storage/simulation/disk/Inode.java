package io.millrace.storage.simulation.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The bytes of one file: as processes see them, and what of them a loss of power would leave. */
final class Inode {
    private static final int SECTOR_BYTES = 512;

    private byte[] seen = new byte[0];
    private byte[] stored = new byte[0];
    private final List<Change> unsynced = new ArrayList<>();

    /** A change that is not on disk: bytes at a position, or, with none, a cut to that size. */
    private static final class Change {
        private final int position;
        private final byte[] bytes;
        private final boolean cut;

        Change(int position, byte[] bytes, boolean cut) {
            this.position = position;
            this.bytes = bytes;
            this.cut = cut;
        }

        int position() {
            return position;
        }

        byte[] bytes() {
            return bytes;
        }

        boolean cut() {
            return cut;
        }
    }

    int size() {
        return seen.length;
    }

    byte[] bytes() {
        return seen;
    }

    void write(int position, byte[] bytes) {
        seen = withBytes(seen, position, bytes, 0, bytes.length);
        unsynced.add(new Change(position, bytes, false));
    }

    void truncate(int size) {
        seen = Arrays.copyOf(seen, size);
        unsynced.add(new Change(size, new byte[0], true));
    }

    void sync() {
        stored = seen.clone();
        unsynced.clear();
    }

    /**
     * A sync that fails: the kernel drops the pages' dirty marks, and the disk has not got them.
     */
    void failSync() {
        unsynced.clear();
    }

    void flip(int position, int bit) {
        seen[position] ^= (byte) (1 << bit);
        if (position < stored.length) {
            stored[position] ^= (byte) (1 << bit);
        }
        unsynced.replaceAll(change -> flipped(change, position, bit));
    }

    private static Change flipped(Change change, int position, int bit) {
        int at = position - change.position();
        if (change.cut() || at < 0 || at >= change.bytes().length) {
            return change;
        }
        byte[] bytes = change.bytes().clone();
        bytes[at] ^= (byte) (1 << bit);
        return new Change(change.position(), bytes, false);
    }

    /** Each change that was not synced is kept, lost, or kept in part, sector by sector. */
    void losePower(Random random) {
        byte[] left = stored;
        for (Change change : unsynced) {
            if (change.cut()) {
                left = random.nextBoolean() ? Arrays.copyOf(left, change.position()) : left;
            } else {
                left = partly(left, change, random);
            }
        }
        seen = left;
        stored = left.clone();
        unsynced.clear();
    }

    private static byte[] partly(byte[] before, Change change, Random random) {
        int fate = random.nextInt(4);
        if (fate == 0) {
            return before;
        }
        byte[] after = before;
        int length = change.bytes().length;
        for (int from = 0; from < length; ) {
            int sectorEnd = (change.position() + from) / SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES;
            int to = Math.min(length, sectorEnd - change.position());
            if (fate == 1 || random.nextBoolean()) {
                after = withBytes(after, change.position(), change.bytes(), from, to);
            }
            from = to;
        }
        return after;
    }

    private static byte[] withBytes(byte[] target, int position, byte[] bytes, int from, int to) {
        byte[] larger = Arrays.copyOf(target, Math.max(target.length, position + to));
        System.arraycopy(bytes, from, larger, position + from, to - from);
        return larger;
    }
}
