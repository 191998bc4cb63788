package io.millrace.bench.torture.node;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One node's process. */
final class Node {
    private static final String READY = "Millrace ready on ";
    private static final long READY_NS = TimeUnit.SECONDS.toNanos(240);
    private static final long STOP_S = 60;

    private final List<String> command;
    private final Map<String, String> environment;
    private final Path log;
    private @Nullable Process process;
    private long logBegin;

    /**
     * @param command that becomes the broker's process itself
     * @param log to which what it says is added
     */
    Node(List<String> command, Map<String, String> environment, Path log) {
        this.command = command;
        this.environment = environment;
        this.log = log;
    }

    Path log() {
        return log;
    }

    /** Whether it was started and has not ended. */
    boolean runs() {
        return process != null && process.isAlive();
    }

    /** What it ended with by itself; null if it runs, or was ended. */
    @Nullable Integer endedWith() {
        return process == null || process.isAlive() ? null : process.exitValue();
    }

    /** Starts it; {@link #awaitReady} says when it serves. */
    void launch() throws IOException {
        logBegin = Files.exists(log) ? Files.size(log) : 0;
        var builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(key -> key.startsWith("MILLRACE_"));
        builder.environment().putAll(environment);
        process = builder.start();
    }

    /**
     * Waits until it serves.
     *
     * @throws IOException if it ends first, or takes too long
     */
    void awaitReady() throws IOException, InterruptedException {
        long untilNs = System.nanoTime() + READY_NS;
        while (!said().contains(READY)) {
            if (!runs() || System.nanoTime() > untilNs) {
                throw new IOException(
                        "a node %s: see %s"
                                .formatted(runs() ? "is not ready in time" : "did not start", log));
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private String said() throws IOException {
        try (var file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(logBegin);
            byte[] bytes = new byte[(int) Math.min(1 << 20, file.length() - logBegin)];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** Kills it as kill -9 does, and waits. */
    void kill() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
            process = null;
        }
    }

    /** Asks it to stop; {@link #awaitStopped} says whether it did. */
    void askToStop() {
        if (process != null) {
            process.destroy();
        }
    }

    /** Whether it stopped as it was asked; if it takes too long it is killed. */
    boolean awaitStopped() throws InterruptedException {
        Process stopping = process;
        boolean inTime = stopping == null || stopping.waitFor(STOP_S, TimeUnit.SECONDS);
        kill();
        return inTime;
    }

    /** Sends it a signal by its name, as STOP. */
    void signal(String name) throws IOException {
        if (process != null) {
            Commands.run("kill", "-" + name, Long.toString(process.pid()));
        }
    }
}
