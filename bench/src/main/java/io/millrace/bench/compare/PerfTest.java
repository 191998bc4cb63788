package io.millrace.bench.compare;

import io.millrace.bench.load.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kafka's own producer-perf-test, as a process of its own. Blocks. */
final class PerfTest {
    private static final Pattern RESULT =
            Pattern.compile(
                    "(\\d+) records sent, ([\\d.]+) records/sec.* (\\d+) ms 50th,.* (\\d+) ms"
                            + " 99th");

    private final Path tools;

    /**
     * @param tools the folder of Kafka's jars
     */
    PerfTest(Path tools) {
        this.tools = tools;
    }

    /** What it printed at its end; its percentiles are whole milliseconds. */
    record Outcome(long records, double recordsPerSecond, double p50Ms, double p99Ms) {}

    /**
     * Runs it.
     *
     * @param throughput records a second; -1 for as fast as it goes
     */
    Outcome run(Target target, int recordBytes, long records, long throughput)
            throws IOException, InterruptedException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Dlog4j2.level=error",
                        "-cp",
                        tools + "/*",
                        "org.apache.kafka.tools.ProducerPerformance",
                        "--topic",
                        target.topic(),
                        "--num-records",
                        Long.toString(records),
                        "--record-size",
                        Integer.toString(recordBytes),
                        "--throughput",
                        Long.toString(throughput),
                        "--producer-props",
                        "bootstrap.servers=" + target.bootstrapServers(),
                        "acks=all",
                        "linger.ms=5");
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("producer-perf-test failed: " + out);
        }
        return parse(out.substring(out.lastIndexOf('\n') + 1));
    }

    /** Reads its last line. */
    static Outcome parse(String line) throws IOException {
        Matcher matcher = RESULT.matcher(line);
        if (!matcher.find()) {
            throw new IOException("producer-perf-test printed no result: " + line);
        }
        return new Outcome(
                Long.parseLong(matcher.group(1)),
                Double.parseDouble(matcher.group(2)),
                Double.parseDouble(matcher.group(3)),
                Double.parseDouble(matcher.group(4)));
    }
}
