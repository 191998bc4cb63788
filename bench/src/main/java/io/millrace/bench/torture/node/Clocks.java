package io.millrace.bench.torture.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The nodes' clocks, which libfaketime, where it is installed, moves: the time of day only, as an
 * administrator or NTP would; what measures how long something takes goes on evenly.
 */
public final class Clocks {
    private final Path folder;
    private final Optional<Path> library;

    private Clocks(Path folder, Optional<Path> library) {
        this.folder = folder;
        this.library = library;
    }

    /**
     * Looks for the library; all clocks are right.
     *
     * @param wanted whether they are to be moved: every look at a clock that can be costs some
     *     microseconds, of which a node that starts takes very many
     */
    public static Clocks create(Path folder, int nodes, boolean wanted) throws IOException {
        var clocks = new Clocks(folder, wanted ? find() : Optional.empty());
        for (int node = 1; node <= nodes; node++) {
            clocks.move(node, 0);
        }
        return clocks;
    }

    private static Optional<Path> find() {
        return Stream.of(
                        "/usr/lib/x86_64-linux-gnu",
                        "/usr/lib/aarch64-linux-gnu",
                        "/usr/lib64",
                        "/usr/lib",
                        "/usr/local/lib")
                .map(lib -> Path.of(lib, "faketime", "libfaketimeMT.so.1"))
                .filter(Files::exists)
                .findFirst();
    }

    /** Whether they can be moved. */
    public boolean move() {
        return library.isPresent();
    }

    /** In words, for whoever reads the result. */
    public String description() {
        return move()
                ? "clocks by libfaketime"
                : "one clock, as to move it is not asked for, or libfaketime is not installed";
    }

    private Path file(int node) {
        return folder.resolve("clock-" + node);
    }

    /** Has a node's clock differ from the machine's by so much, within a second. */
    public void move(int node, long bySeconds) throws IOException {
        Path next = folder.resolve("clock-" + node + ".next");
        Files.writeString(next, "%+d\n".formatted(bySeconds));
        Files.move(next, file(node), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /** What a node's process has to be started with. */
    Map<String, String> environment(int node) {
        return library.<Map<String, String>>map(path ->
                        Map.of(
                                "LD_PRELOAD", path.toString(),
                                "FAKETIME_TIMESTAMP_FILE", file(node).toString(),
                                "FAKETIME_CACHE_DURATION", "1",
                                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                                "DONT_FAKE_MONOTONIC", "1",
                                "NO_FAKE_STAT", "1"))
                .orElse(Map.of());
    }
}
