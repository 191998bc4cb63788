package io.millrace.bench.io.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Asks the page cache to forget files, and how much was read from devices since. */
public final class PageCache {
    private static final Path PROCESS_IO = Path.of("/proc/self/io");
    private static final String READ_BYTES = "read_bytes:";

    private PageCache() {}

    /**
     * Has the page cache forget every file in a folder: posix_fadvise, which Java does not have, by
     * way of dd. A kernel may decline, so look at {@link #deviceBytes} too.
     *
     * @return whether it could be asked
     */
    public static boolean forget(Path folder) throws IOException, InterruptedException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!forgetFile(file)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean forgetFile(Path file) throws InterruptedException {
        var command =
                List.of(
                        "dd",
                        "of=" + file,
                        "oflag=nocache",
                        "conv=notrunc,fdatasync",
                        "count=0",
                        "status=none");
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Bytes that this process has had read from devices so far; -1 if the system does not say. */
    public static long deviceBytes() throws IOException {
        if (!Files.isReadable(PROCESS_IO)) {
            return -1;
        }
        for (String line : Files.readAllLines(PROCESS_IO)) {
            if (line.startsWith(READ_BYTES)) {
                return Long.parseLong(line.substring(READ_BYTES.length()).trim());
            }
        }
        return -1;
    }
}
