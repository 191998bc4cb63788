package io.millrace.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** How many segment files a broker keeps open, by what the system allows a process. Stateless. */
final class FileLimit {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LINE = "Max open files";
    private static final long UNKNOWN = 1024;
    private static final int SHARE = 4;
    private static final int MOST = 2048;

    private FileLimit() {}

    /**
     * @param configured as the configuration has it; 0 leaves it to the system's limit
     */
    static int segmentFiles(int configured) {
        return configured > 0 ? configured : shareOf(allowed());
    }

    /** A quarter: the rest is for connections, and for files that syncs and answers hold. */
    static int shareOf(long allowed) {
        return (int) Math.min(MOST, allowed / SHARE);
    }

    private static long allowed() {
        try {
            return allowed(Files.readAllLines(LIMITS)).orElse(UNKNOWN);
        } catch (IOException e) {
            // Not Linux: what every system allows.
            return UNKNOWN;
        }
    }

    /** The soft limit of open files in the lines of {@code /proc/self/limits}. */
    static OptionalLong allowed(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith(LINE)) {
                String row = line.substring(LINE.length()).strip();
                int end = row.indexOf(' ');
                String soft = end < 0 ? row : row.substring(0, end);
                return OptionalLong.of(
                        soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft));
            }
        }
        return OptionalLong.empty();
    }
}
