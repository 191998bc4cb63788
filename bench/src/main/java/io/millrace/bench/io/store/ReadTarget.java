package io.millrace.bench.io.store;

import java.io.IOException;

/** Files, or logs, that a job reads blocks from. Blocks; belongs to one thread. */
public interface ReadTarget extends AutoCloseable {
    /**
     * Copies a block to memory; returns its bytes.
     *
     * @param file which of the files
     * @param block where in it, counted in blocks
     */
    int read(int file, long block) throws IOException;

    @Override
    void close() throws IOException;
}
