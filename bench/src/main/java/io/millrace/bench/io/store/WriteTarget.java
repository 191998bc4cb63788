package io.millrace.bench.io.store;

import java.io.IOException;

/** Files, or logs, that a job writes blocks to. Blocks; belongs to one thread. */
public interface WriteTarget extends AutoCloseable {
    /**
     * Writes a block.
     *
     * @param file which of the files
     * @param block where in it, counted in blocks; logs append, wherever that is
     */
    void write(int file, long block) throws IOException;

    /** Makes everything that was written durable. */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
}
