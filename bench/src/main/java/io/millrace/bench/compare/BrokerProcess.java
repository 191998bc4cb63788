package io.millrace.bench.compare;

import io.millrace.bench.load.ProcessFigures;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A broker as a process of its own, killed when closed. Blocks; belongs to one thread.
 *
 * <p>It counts as started at its first answer to Metadata that names a broker.
 */
public final class BrokerProcess implements AutoCloseable {
    private static final int PORTS_FROM = 20_000;
    private static final int PORTS_TO = 32_000;
    private static final long PATIENCE_MS = TimeUnit.MINUTES.toMillis(5);

    /** Metadata v1 of no topics. */
    private static final byte[] METADATA = {
        0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 2, -1, -1, 0, 0, 0, 0
    };

    private final Subject subject;
    private final Process script;
    private final ProcessHandle broker;
    private final Path folder;
    private final int port;
    private final long begunNs;
    private double startedMs;

    private BrokerProcess(
            Subject subject, Process script, ProcessHandle broker, Path folder, int port) {
        this.subject = subject;
        this.script = script;
        this.broker = broker;
        this.folder = folder;
        this.port = port;
        begunNs = System.nanoTime();
    }

    /** Starts a broker on a folder, new or left by an earlier one, and waits until it answers. */
    public static BrokerProcess start(Path scripts, Subject subject, Path folder)
            throws IOException, InterruptedException {
        BrokerProcess process = launch(scripts, subject, folder, freePort());
        process.awaitAnswer();
        return process;
    }

    /** Starts a broker on a port, and does not wait until it answers. */
    public static BrokerProcess launch(Path scripts, Subject subject, Path folder, int port)
            throws IOException {
        Process script = command(scripts, subject, folder, port).start();
        long pid = pidOf(script, subject);
        ProcessHandle handle =
                ProcessHandle.of(pid)
                        .orElseThrow(() -> new IOException(subject.name() + " ended at once"));
        return new BrokerProcess(subject, script, handle, folder, port);
    }

    /** Makes a folder ready for a broker's first start, so that the start alone can be timed. */
    public static void prepare(Path scripts, Subject subject, Path folder, int port)
            throws IOException, InterruptedException {
        if (subject.kind().equals(Subject.KAFKA.kind())) {
            ProcessBuilder format = command(scripts, subject, folder, port);
            format.environment().put("MILLRACE_BENCH_FORMAT", "1");
            if (format.start().waitFor() != 0) {
                throw new IOException(subject.name() + " cannot be formatted");
            }
        }
    }

    private static ProcessBuilder command(Path scripts, Subject subject, Path folder, int port) {
        var command =
                new ArrayList<>(
                        List.of(
                                scripts.resolve("lib/bench-broker").toString(),
                                subject.kind(),
                                folder.toString(),
                                Integer.toString(port)));
        command.addAll(subject.settings());
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    /** Waits until it answers. Blocks. */
    public void awaitAnswer() throws IOException, InterruptedException {
        while (!answers(port)) {
            if (!broker.isAlive() || sinceStartMs() > PATIENCE_MS) {
                broker.destroyForcibly();
                throw new IOException(
                        "%s does not answer; its output is in %s"
                                .formatted(subject.name(), folder));
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        startedMs = sinceStartMs();
    }

    /** From a random one on: another run may look for a port at the same time. */
    private static int freePort() throws IOException {
        int first = ThreadLocalRandom.current().nextInt(PORTS_FROM / 2, PORTS_TO / 2) * 2;
        for (int i = 0; i < PORTS_TO - PORTS_FROM; i += 2) {
            int port = PORTS_FROM + (first - PORTS_FROM + i) % (PORTS_TO - PORTS_FROM);
            if (isFree(port) && isFree(port + 1)) {
                return port;
            }
        }
        throw new IOException("no free port from %d to %d".formatted(PORTS_FROM, PORTS_TO));
    }

    /** Whether nobody listens on a port of this machine. */
    public static boolean isFree(int port) {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static long pidOf(Process script, Subject subject) throws IOException {
        var out =
                new BufferedReader(
                        new InputStreamReader(script.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (line == null || !line.startsWith("pid=")) {
            throw new IOException(subject.name() + " did not start: " + line);
        }
        return Long.parseLong(line.substring("pid=".length()));
    }

    private static boolean answers(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            socket.setSoTimeout(2000);
            socket.getOutputStream().write(METADATA);
            var in = new DataInputStream(socket.getInputStream());
            in.readInt();
            in.readInt();
            return in.readInt() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where clients reach it. */
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    long pid() {
        return broker.pid();
    }

    /** Where its data and its output are. */
    public Path folder() {
        return folder;
    }

    /** From the process's start to its first answer. */
    double startedMs() {
        return startedMs;
    }

    /** From the process's start until now. */
    public double sinceStartMs() {
        return (System.nanoTime() - begunNs) / 1e6;
    }

    /** What it has used so far. */
    public ProcessFigures figures() throws IOException {
        return ProcessFigures.of(broker.pid());
    }

    /** Stops it cleanly and waits. */
    public double stop() {
        long askedNs = System.nanoTime();
        broker.destroy();
        await();
        return (System.nanoTime() - askedNs) / 1e6;
    }

    /** Kills it as kill -9 does, and waits. */
    public void kill() {
        broker.destroyForcibly();
        await();
    }

    /** Asks it to stop cleanly, and does not wait. */
    public void askToStop() {
        broker.destroy();
    }

    /** Waits until it has ended. Blocks. */
    public void await() {
        broker.onExit().orTimeout(1, TimeUnit.MINUTES).join();
        script.onExit().orTimeout(1, TimeUnit.MINUTES).join();
    }

    @Override
    public void close() {
        if (broker.isAlive()) {
            kill();
        }
    }
}
