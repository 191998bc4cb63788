package io.millrace.bench.io.plan;

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
public record Extent(
        int rounds, int runMs, long runBytes, long zerosBytes, long readBytes, Widths widths) {
    /**
     * Sets of files to be read that may lie there at once: files, logs and queues, one or several
     * each.
     */
    public static final int MOST_READ_SETS = 5;

    public static final Extent QUICK =
            new Extent(2, 600, 256L << 20, 64L << 20, 256L << 20, Widths.FEW);
    public static final Extent FULL =
            new Extent(3, 1500, 1L << 30, 128L << 20, 1L << 30, Widths.MANY);
    public static final Extent WARM_UP =
            new Extent(1, 60, 32L << 20, 8L << 20, 16L << 20, Widths.FEW);
    public static final Extent SMOKE = new Extent(1, 20, 1L << 20, 1L << 20, 1L << 20, Widths.FEW);

    /** Block sizes in bytes, and counts. */
    public record Widths(
            List<Integer> blocks,
            List<Integer> syncedBlocks,
            List<Integer> groups,
            List<Integer> intervalsMs,
            List<Integer> files) {
        public static final Widths FEW =
                new Widths(
                        List.of(512, 4 << 10, 16 << 10, 64 << 10, 1 << 20),
                        List.of(512, 16 << 10),
                        List.of(4, 64),
                        List.of(10),
                        List.of(10, 100));
        public static final Widths MANY =
                new Widths(
                        List.of(512, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20),
                        List.of(512, 4 << 10, 16 << 10, 64 << 10, 1 << 20),
                        List.of(4, 16, 64, 256),
                        List.of(10, 100),
                        List.of(10, 100, 500));
    }

    public List<Integer> blocks() {
        return widths.blocks();
    }

    /** The block size for which preallocation is tried. */
    public int zerosBlock() {
        return 64 << 10;
    }

    public List<Integer> syncedBlocks() {
        return widths.syncedBlocks();
    }

    public List<Integer> groups() {
        return widths.groups();
    }

    public List<Integer> intervalsMs() {
        return widths.intervalsMs();
    }

    public List<Integer> files() {
        return widths.files();
    }

    public List<Integer> randomBlocks() {
        return List.of(4 << 10, 16 << 10);
    }

    public List<Integer> readBlocks() {
        return List.of(16 << 10, 1 << 20);
    }

    /** Files that are read in turn. */
    public int readFiles() {
        return 16;
    }

    /** Free space that a run needs: what lies there at once, and some room. */
    public long neededBytes() {
        return 2 * runBytes + MOST_READ_SETS * readBytes + (256L << 20);
    }
}
