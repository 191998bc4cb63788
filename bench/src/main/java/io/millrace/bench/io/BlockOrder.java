package io.millrace.bench.io;

import java.util.SplittableRandom;

/** Which block of which file comes next: the files in turn; in each one after another, or any. */
final class BlockOrder {
    private final boolean random;
    private final int files;
    private final long blocksEach;
    private final SplittableRandom dice;

    /**
     * @param blocksEach blocks of each file; after the last comes the first
     */
    BlockOrder(boolean random, int files, long blocksEach, long seed) {
        this.random = random;
        this.files = files;
        this.blocksEach = blocksEach;
        this.dice = new SplittableRandom(seed);
    }

    /** The file of a step, counted from 0. */
    int file(long step) {
        return (int) (step % files);
    }

    /** The block of a step; to be asked once a step. */
    long block(long step) {
        return random ? dice.nextLong(blocksEach) : step / files % blocksEach;
    }
}
