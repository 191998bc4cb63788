package io.millrace.bench.io;

import io.millrace.storage.disk.RealDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of this process alone, which is gone when it is closed or the process is stopped. */
final class ScratchFolder implements AutoCloseable {
    private final Path path;
    private final Thread atExit = new Thread(this::deleteQuietly, "clean-up");

    ScratchFolder(Path parent) throws IOException {
        path = Files.createTempDirectory(parent, "millrace-bench-io");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    Path path() {
        return path;
    }

    static void delete(Path folder) throws IOException {
        new RealDisk().delete(folder);
    }

    private void deleteQuietly() {
        try {
            delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException("left behind: " + path, e);
        }
    }

    @Override
    public void close() throws IOException {
        delete(path);
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
