package io.millrace.bench.cluster;

import io.millrace.bench.compare.BrokerProcess;
import io.millrace.bench.compare.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Three brokers of a kind as processes, each a controller as well; killed when closed. Node N
 * serves clients on the base port + 2 (N - 1), controllers on the port after it. Blocks; belongs to
 * one thread, but for {@link #close}.
 */
final class Cluster implements AutoCloseable {
    static final int NODES = 3;

    /** How many ports it takes, from the base port on. */
    static final int PORTS = 2 * NODES;

    private final Path scripts;
    private final Subject subject;
    private final Path folder;
    private final int basePort;
    private final Times times;
    private final Map<Integer, BrokerProcess> running = new ConcurrentHashMap<>();

    Cluster(Path scripts, Subject subject, Path folder, int basePort, Times times) {
        this.scripts = scripts;
        this.subject = subject;
        this.folder = folder;
        this.basePort = basePort;
        this.times = times;
    }

    Subject subject() {
        return subject;
    }

    /** Makes the folders ready for a first start. */
    void prepare() throws IOException, InterruptedException {
        requireFreePorts(basePort);
        for (int id = 1; id <= NODES; id++) {
            Files.createDirectories(folder(id));
            BrokerProcess.prepare(scripts, node(id), folder(id), port(id));
        }
    }

    /** Refuses ports that somebody listens on. */
    static void requireFreePorts(int basePort) throws IOException {
        for (int port = basePort; port < basePort + PORTS; port++) {
            if (!BrokerProcess.isFree(port)) {
                throw new IOException(
                        "port %d is taken: --base-port names the first of %d that are free"
                                .formatted(port, PORTS));
            }
        }
    }

    /** Starts all nodes, and does not wait until they answer. */
    void launch() throws IOException {
        for (int id = 1; id <= NODES; id++) {
            launch(id);
        }
    }

    /** Starts a node that does not run, and does not wait until it answers. */
    void launch(int id) throws IOException {
        running.put(id, BrokerProcess.launch(scripts, node(id), folder(id), port(id)));
    }

    /** Kills a node as kill -9 does. */
    void kill(int id) {
        of(id).kill();
        running.remove(id);
    }

    /** Asks a node to stop cleanly, and does not wait. */
    void askToStop(int id) {
        of(id).askToStop();
    }

    /** Waits until a node that was asked to stop has. */
    void awaitEnd(int id) {
        of(id).await();
        running.remove(id);
    }

    private BrokerProcess of(int id) {
        BrokerProcess process = running.get(id);
        if (process == null) {
            throw new IllegalStateException("node " + id + " does not run");
        }
        return process;
    }

    private Subject node(int id) {
        String voters =
                IntStream.rangeClosed(1, NODES)
                        .mapToObj(one -> "%d@127.0.0.1:%d".formatted(one, port(one) + 1))
                        .collect(Collectors.joining(","));
        Subject node =
                subject.with(times.settings().toArray(String[]::new))
                        .with(
                                "process.roles=broker,controller",
                                "node.id=" + id,
                                "controller.quorum.voters=" + voters);
        return subject.kind().equals(Subject.MILLRACE.kind())
                ? node.with("millrace.cluster.id=bench")
                : node;
    }

    private int port(int id) {
        return basePort + 2 * (id - 1);
    }

    /** Where a node's data and output are. */
    Path folder(int id) {
        return folder.resolve("node-" + id);
    }

    String bootstrapServers() {
        return IntStream.rangeClosed(1, NODES)
                .mapToObj(id -> "127.0.0.1:" + port(id))
                .collect(Collectors.joining(","));
    }

    /** Processor time of all nodes that run, since each was started. */
    double cpuSeconds() throws IOException {
        double all = 0;
        for (BrokerProcess process : running.values()) {
            all += process.figures().cpuSeconds();
        }
        return all;
    }

    /** Memory of all nodes that run. */
    double residentMb() throws IOException {
        double all = 0;
        for (BrokerProcess process : running.values()) {
            all += process.figures().residentMb();
        }
        return all;
    }

    /** Kills what still runs. Any thread. */
    @Override
    public void close() {
        running.values().forEach(BrokerProcess::close);
        running.clear();
    }
}
