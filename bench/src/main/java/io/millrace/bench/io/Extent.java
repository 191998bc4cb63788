package io.millrace.bench.io;

import java.util.List;

/**
 * How long and how wide a run is.
 *
 * @param rounds how often each job has its turn
 * @param runMs most that a job runs
 * @param runBytes most that a job writes
 * @param zerosBytes size of files that are there before they are written
 * @param readBytes size of what is read
 * @param widths block sizes and counts that are tried
 */
record Extent(
        int rounds, int runMs, long runBytes, long zerosBytes, long readBytes, Widths widths) {
    static final Extent QUICK = new Extent(2, 600, 256L << 20, 64L << 20, 256L << 20, Widths.FEW);
    static final Extent FULL = new Extent(3, 1500, 1L << 30, 128L << 20, 1L << 30, Widths.MANY);
    static final Extent WARM_UP = new Extent(1, 60, 32L << 20, 8L << 20, 16L << 20, Widths.FEW);
    static final Extent SMOKE = new Extent(1, 20, 1L << 20, 1L << 20, 1L << 20, Widths.FEW);

    /** Block sizes in bytes, and counts. */
    record Widths(
            List<Integer> blocks,
            List<Integer> syncedBlocks,
            List<Integer> groups,
            List<Integer> intervalsMs,
            List<Integer> files) {
        static final Widths FEW =
                new Widths(
                        List.of(512, 4 << 10, 16 << 10, 64 << 10, 1 << 20),
                        List.of(512, 16 << 10),
                        List.of(4, 64),
                        List.of(10),
                        List.of(10, 100));
        static final Widths MANY =
                new Widths(
                        List.of(512, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20),
                        List.of(512, 4 << 10, 16 << 10, 64 << 10, 1 << 20),
                        List.of(4, 16, 64, 256),
                        List.of(10, 100),
                        List.of(10, 100, 500));
    }

    List<Integer> blocks() {
        return widths.blocks();
    }

    /** The block size for which preallocation is tried. */
    int zerosBlock() {
        return 64 << 10;
    }

    List<Integer> syncedBlocks() {
        return widths.syncedBlocks();
    }

    List<Integer> groups() {
        return widths.groups();
    }

    List<Integer> intervalsMs() {
        return widths.intervalsMs();
    }

    List<Integer> files() {
        return widths.files();
    }

    List<Integer> randomBlocks() {
        return List.of(4 << 10, 16 << 10);
    }

    List<Integer> readBlocks() {
        return List.of(16 << 10, 1 << 20);
    }

    /** Files that are read in turn. */
    int readFiles() {
        return 16;
    }

    /** Free space that a run needs: what lies there at once, and some room. */
    long neededBytes() {
        return 2 * runBytes + ReadFolders.MOST_SETS * readBytes + (256L << 20);
    }
}
