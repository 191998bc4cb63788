package io.millrace.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes the operating system forget what it holds of files, by coreutils' dd. Blocks. */
final class PageCache {
    private PageCache() {}

    /**
     * Writes a topic's segment files through to the disk and drops them from memory.
     *
     * @param folder that a broker has its data in, at whatever depth
     * @return whether that could be asked for; what is in use may stay in memory nevertheless
     */
    static boolean drop(Path folder, String topic) throws IOException, InterruptedException {
        List<Path> segments;
        try (var all = Files.walk(folder)) {
            segments =
                    all.filter(file -> file.toString().endsWith(".log"))
                            .filter(file -> file.toString().contains("/" + topic + "-"))
                            .toList();
        }
        for (Path segment : segments) {
            if (!drop(segment)) {
                return false;
            }
        }
        return !segments.isEmpty();
    }

    private static boolean drop(Path file) throws IOException, InterruptedException {
        Process dd =
                new ProcessBuilder(
                                "dd",
                                "of=" + file,
                                "oflag=nocache",
                                "conv=notrunc,fdatasync",
                                "count=0",
                                "status=none")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        return dd.waitFor(1, TimeUnit.MINUTES) && dd.exitValue() == 0;
    }
}
