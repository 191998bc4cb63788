package io.millrace.bench.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts one load on a running broker and prints what it came to. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = "Puts a load on a broker: produces, then if asked reads everything back.")
public final class LoadCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--bootstrap-server", description = "host:port (${DEFAULT-VALUE})")
    private String broker = "127.0.0.1:9092";

    @Option(names = "--topic", description = "made for the run (load-TIME)")
    private String topic = "load-" + System.currentTimeMillis();

    @Option(names = "--partitions", description = "${DEFAULT-VALUE}")
    private int partitions = 6;

    @Option(names = "--record-size", description = "bytes (${DEFAULT-VALUE})")
    private int recordSize = 1024;

    @Option(names = "--batch", description = "records a batch (${DEFAULT-VALUE})")
    private int batch = 16;

    @Option(names = "--codec", description = "none, gzip, snappy, lz4, zstd")
    private String codec = "none";

    @Option(names = "--acks", description = "0, 1 or -1 (${DEFAULT-VALUE})")
    private int acks = -1;

    @Option(names = "--producers", description = "${DEFAULT-VALUE}")
    private int producers = 6;

    @Option(names = "--window", description = "requests under way a producer (${DEFAULT-VALUE})")
    private int window = 5;

    @Option(names = "--rate", description = "records/s of all; 0 is as fast as it goes")
    private double rate;

    @Option(names = "--seconds", description = "${DEFAULT-VALUE}")
    private int seconds = 10;

    @Option(names = "--fetch", description = "reads it all back, so many times")
    private int fetches;

    @Option(names = "--end-to-end", description = "measures so many single records instead")
    private int endToEnd;

    @Option(names = "--pid", description = "the broker's process, to report its CPU time")
    private long pid;

    /** Runs the command; exit code 0 if every request was answered without an error. */
    public static void main(String... args) {
        System.exit(new CommandLine(new LoadCommand()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        int colon = broker.lastIndexOf(':');
        var address =
                new InetSocketAddress(
                        broker.substring(0, colon), Integer.parseInt(broker.substring(colon + 1)));
        var target = Target.create(address, topic, endToEnd > 0 ? 1 : partitions, Map.of());
        double cpu = cpuSeconds();
        if (endToEnd > 0) {
            print("end to end", EndToEnd.run(target, recordSize, endToEnd), cpu);
            return 0;
        }
        var load =
                new ProduceLoad(
                        target,
                        new Payload(recordSize, batch, codec),
                        (short) acks,
                        producers,
                        window,
                        rate,
                        acks == -1,
                        false);
        LoadResult produced = load.run(TimeUnit.SECONDS.toNanos(seconds));
        print("produce", produced, cpu);
        for (int i = 0; i < fetches; i++) {
            double before = cpuSeconds();
            print("fetch", FetchLoad.readBack(target, produced.records()), before);
        }
        return 0;
    }

    private double cpuSeconds() throws IOException {
        return pid == 0 ? 0 : ProcessFigures.of(pid).cpuSeconds();
    }

    private void print(String what, LoadResult result, double cpuBefore) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "%s: %,.0f records/s, %.1f MB/s, p50 %.0f us, p99 %.0f us, p99.9 %.0f us%n",
                what,
                result.recordsPerSecond(),
                result.megabytesPerSecond(),
                result.latencyUs(50),
                result.latencyUs(99),
                result.latencyUs(99.9));
        if (pid != 0) {
            double cpu = cpuSeconds() - cpuBefore;
            out.printf(
                    "  broker CPU %.2f s: %.3f us a record, %.3f ms a MB%n",
                    cpu, cpu * 1e6 / result.records(), cpu * 1e3 / (result.bytes() / 1e6));
        }
        out.flush();
    }
}
