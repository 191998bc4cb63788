package io.millrace.bench.report;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a run was made.
 *
 * @param memoryMb of RAM
 * @param disk file system of the folder that was used, and its type
 */
public record Machine(String cpu, int cores, long memoryMb, String disk, String os, String jdk) {
    /** This machine, with the disk of a folder. */
    public static Machine here(Path folder) throws IOException {
        FileStore store = Files.getFileStore(folder);
        return new Machine(
                field("/proc/cpuinfo", "model name"),
                Runtime.getRuntime().availableProcessors(),
                memoryMb(field("/proc/meminfo", "MemTotal")),
                store.name() + " " + store.type(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vendor.version", System.getProperty("java.version")));
    }

    private static long memoryMb(String text) {
        return text.isEmpty() ? 0 : Long.parseLong(text.replace("kB", "").trim()) / 1000;
    }

    private static String field(String file, String name) throws IOException {
        if (!Files.isReadable(Path.of(file))) {
            return "";
        }
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse("");
        }
    }
}
