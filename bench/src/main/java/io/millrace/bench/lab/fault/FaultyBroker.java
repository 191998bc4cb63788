package io.millrace.bench.lab.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The {@link LabBroker} as the lab holds it: started, killed, stopped and made slow. One thread.
 */
public final class FaultyBroker implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final List<String> settings;
    private Process process;

    private FaultyBroker(Path folder, int port, List<String> settings, Process process) {
        this.folder = folder;
        this.port = port;
        this.settings = settings;
        this.process = process;
    }

    /** Starts a broker on an empty folder. Blocks until it serves. */
    public static FaultyBroker start(Path folder, int port, List<String> settings)
            throws IOException {
        return new FaultyBroker(folder, port, settings, launch(folder, port, settings));
    }

    private static Process launch(Path folder, int port, List<String> settings) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                // Soon ready, on a machine that all clients share with it.
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx256m",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LabBroker.class.getName(),
                                folder.resolve("data").toString(),
                                "millrace.port=" + port));
        command.addAll(settings);
        Process started =
                new ProcessBuilder(command)
                        .redirectError(
                                ProcessBuilder.Redirect.appendTo(
                                        folder.resolve("broker.log").toFile()))
                        .start();
        var out =
                new BufferedReader(
                        new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (line == null || !line.startsWith("ready")) {
            started.destroyForcibly();
            List<String> log = Files.readAllLines(folder.resolve("broker.log"));
            throw new IOException(
                    "the broker did not start: "
                            + (log.isEmpty() ? "it says nothing" : log.getLast()));
        }
        return started;
    }

    /** Kills the process as kill -9 does, and starts it again. Blocks until it serves. */
    public void killAndRestart() throws IOException, InterruptedException {
        kill();
        process = launch(folder, port, settings);
    }

    /** Kills the process, takes from its disk what was not synced, and starts it again. */
    public void losePower() throws IOException, InterruptedException {
        kill();
        DurableCopy.loseUnsynced(folder.resolve("data"));
        process = launch(folder, port, settings);
    }

    private void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops the process for so long, in the middle of whatever it does. Blocks. */
    public void pause(long forMs) throws IOException, InterruptedException {
        signal("STOP");
        try {
            TimeUnit.MILLISECONDS.sleep(forMs);
        } finally {
            signal("CONT");
        }
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    /** Makes every sync take so much longer; 0 for as long as it takes. */
    public void slowDisk(long delayMs) throws IOException {
        Writer in = process.outputWriter(StandardCharsets.UTF_8);
        in.write("slow " + delayMs + "\n");
        in.flush();
    }

    /** Stops it cleanly, or kills it if it takes too long. */
    @Override
    public void close() throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).close();
        process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
        process.destroyForcibly();
    }
}
