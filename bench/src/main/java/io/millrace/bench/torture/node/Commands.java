package io.millrace.bench.torture.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs the system's own tools. */
final class Commands {
    private Commands() {}

    /**
     * Runs a command to its end.
     *
     * @throws IOException if it does not end with 0; says what it said
     */
    static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.onExit().join().exitValue();
        if (status != 0) {
            throw new IOException(
                    "%s ended with %d: %s"
                            .formatted(String.join(" ", command), status, said.strip()));
        }
    }

    /** Whether a command is there and ends with 0. */
    static boolean works(String... command) {
        try {
            run(command);
            return true;
        } catch (IOException e) {
            // That it does not work here is the answer.
            return false;
        }
    }

    /** Runs commands that undo something; all of them, whether or not there is anything to undo. */
    static void undo(List<String[]> commands) {
        for (String[] command : commands) {
            var _ = works(command);
        }
    }
}
