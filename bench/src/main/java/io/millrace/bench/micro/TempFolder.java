package io.millrace.bench.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders in memory where the machine has such, so that the disk is not what is measured. */
final class TempFolder {
    private static final Path MEMORY = Path.of("/dev/shm");

    private TempFolder() {}

    static Path make() {
        try {
            return Files.isWritable(MEMORY)
                    ? Files.createTempDirectory(MEMORY, "millrace-micro")
                    : Files.createTempDirectory("millrace-micro");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("no folder for the benchmark", e);
        }
    }
}
