package io.millrace.bench.compare;

import io.millrace.bench.report.Mark;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * A recording inside a broker that runs on Java: two kinds of events, its collector's pauses and
 * its file syncs, which cost nothing to speak of. Switched on from outside, so that what was
 * measured before it knows nothing of it. Blocks.
 */
final class FlightRecording implements AutoCloseable {
    private static final Map<String, String> KINDS =
            Map.of("jdk.GCPhasePause", "GC", "jdk.FileForce", "fsync");

    /** Marks nearer than this are one, as long as the longest of them: a page can show no more. */
    private static final double NEAR_S = 0.01;

    private final long pid;
    private final Path folder;

    private FlightRecording(long pid, Path folder) {
        this.pid = pid;
        this.folder = folder;
    }

    static FlightRecording start(long pid) throws IOException, InterruptedException {
        var recording = new FlightRecording(pid, Files.createTempDirectory("flight"));
        Path settings = recording.folder.resolve("bench.jfc");
        try (InputStream in = FlightRecording.class.getResourceAsStream("bench.jfc")) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks bench.jfc");
            }
            Files.copy(in, settings, StandardCopyOption.REPLACE_EXISTING);
        }
        recording.command("JFR.start", "name=bench", "settings=" + settings);
        return recording;
    }

    /**
     * Stops and gives what was recorded.
     *
     * @param beganMs the time of day that is 0 s
     * @param lengthS what began later than this is left out
     */
    List<Mark> marks(long beganMs, double lengthS) throws IOException, InterruptedException {
        Path file = folder.resolve("bench.jfr");
        command("JFR.stop", "name=bench", "filename=" + file);
        var thinned = new LinkedHashMap<String, Mark>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            String kind = KINDS.get(event.getEventType().getName());
            double atS = (event.getStartTime().toEpochMilli() - beganMs) / 1e3;
            if (kind != null && atS >= 0 && atS <= lengthS) {
                var mark = new Mark(kind, atS, event.getDuration().toNanos() / 1e6);
                thinned.merge(
                        kind + (long) (atS / NEAR_S),
                        mark,
                        (one, other) -> one.durationMs() >= other.durationMs() ? one : other);
            }
        }
        return new ArrayList<>(thinned.values());
    }

    private void command(String... words) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        command.add(Long.toString(pid));
        command.addAll(List.of(words));
        Process jcmd =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("jcmd.log").toFile())
                        .start();
        if (!jcmd.waitFor(30, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
            jcmd.destroyForcibly();
            throw new IOException(
                    "jcmd failed: " + Files.readString(folder.resolve("jcmd.log")).strip());
        }
    }

    @Override
    public void close() throws IOException {
        Folders.delete(folder);
    }
}
