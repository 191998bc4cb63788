package io.millrace.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Linux says of a process.
 *
 * @param cpuSeconds user and system time so far, in steps of 10 ms
 * @param residentMb memory in RAM
 * @param writtenMb what was given to the disk so far, or -1 where that may not be read
 * @param readMb what was read from the disk so far, or -1 likewise
 */
public record ProcessFigures(
        double cpuSeconds, double residentMb, double writtenMb, double readMb) {
    private static final double TICKS_PER_S = 100;
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    /** Reads the figures now. */
    public static ProcessFigures of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        String stat = Files.readString(process.resolve("stat"));
        // The fields that follow the name, which may hold anything.
        List<String> fields =
                List.of(stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ", -1));
        double ticks =
                Double.parseDouble(fields.get(USER_TIME))
                        + Double.parseDouble(fields.get(SYSTEM_TIME));
        return new ProcessFigures(
                ticks / TICKS_PER_S,
                field(process.resolve("status"), "VmRSS:") / 1e3,
                transferredMb(process, "write_bytes:"),
                transferredMb(process, "read_bytes:"));
    }

    private static double transferredMb(Path process, String name) throws IOException {
        Path io = process.resolve("io");
        return Files.isReadable(io) ? field(io, name) / 1e6 : -1;
    }

    private static double field(Path file, String name) throws IOException {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToDouble(line ->
                            Double.parseDouble(
                                    line.substring(name.length()).replace("kB", "").trim()))
                    .findFirst()
                    .orElse(-1);
        }
    }
}
