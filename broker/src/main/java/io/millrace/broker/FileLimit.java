package io.millrace.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * How the files that the system allows a process are shared out: segment files that stay open,
 * connections, and a rest for what syncs, answers and the process itself hold.
 *
 * @param allowed files that this process may have open
 * @param segmentFiles how many of them segments may keep
 */
record FileLimit(long allowed, int segmentFiles) {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LINE = "Max open files";
    private static final long UNKNOWN = 1024;
    private static final int SHARE = 4;
    private static final int MOST = 2048;
    private static final int LEAST_REST = 128;
    private static final int LARGEST_REST = 4096;
    private static final int LEAST_CONNECTIONS = 16;

    /**
     * The shares under the system's limit.
     *
     * @param configured segment files as the configuration has it; 0 leaves it to the limit
     */
    static FileLimit of(int configured) {
        return of(allowedHere(), configured);
    }

    static FileLimit of(long allowed, int configured) {
        return new FileLimit(
                allowed, configured > 0 ? configured : (int) Math.min(MOST, allowed / SHARE));
    }

    /** Connections that leave the logs what they need. */
    int connections() {
        long rest = Math.clamp(allowed / SHARE, LEAST_REST, LARGEST_REST);
        return Math.clamp(allowed - segmentFiles - rest, LEAST_CONNECTIONS, Integer.MAX_VALUE);
    }

    private static long allowedHere() {
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
