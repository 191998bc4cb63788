package io.millrace.bench.io.plan;

/** What is done to a disk, whoever does it. */
public sealed interface Workload {
    /** Bytes of one write or read. */
    int blockBytes();

    /** Files that take turns. */
    int files();

    /** As it stands in the report. */
    String name();

    /**
     * Writes of new data.
     *
     * @param random anywhere in each file, which is there already; or one after another
     * @param preallocated over a file of zeros that is on disk; or at the end of a growing one
     */
    record Writes(boolean random, int blockBytes, int files, SyncPolicy sync, boolean preallocated)
            implements Workload {
        /** One after another into one file. */
        public static Writes sequential(int blockBytes, SyncPolicy sync) {
            return new Writes(false, blockBytes, 1, sync, false);
        }

        public Writes over(int moreFiles) {
            return new Writes(random, blockBytes, moreFiles, sync, preallocated);
        }

        public Writes overZeros() {
            return new Writes(random, blockBytes, files, sync, true);
        }

        @Override
        public String name() {
            return work(random, "write", files) + size(blockBytes) + sync.words();
        }
    }

    /**
     * Reads of what was written.
     *
     * @param cold whether the page cache was asked to forget the files first
     */
    record Reads(boolean random, int blockBytes, int files, boolean cold) implements Workload {
        @Override
        public String name() {
            return work(random, "read", files) + size(blockBytes) + (cold ? ", cold" : ", cached");
        }
    }

    private static String work(boolean random, String verb, int files) {
        String work = (random ? "random " : "sequential ") + verb;
        return files == 1 ? work + ", " : "%s over %,d files, ".formatted(work, files);
    }

    /** A size in the unit that makes it short. */
    static String size(int bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        return bytes < 1 << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
    }
}
