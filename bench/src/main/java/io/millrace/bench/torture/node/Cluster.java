package io.millrace.bench.torture.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Some nodes, each a broker and a controller. Numbered from 1 on. */
public final class Cluster implements AutoCloseable {
    private static final int CONTROLLERS_ABOVE = 100;

    private final Setup setup;
    private final List<Node> nodes = new ArrayList<>();

    /**
     * What a cluster is made of.
     *
     * @param scripts the folder of the scripts that start a node
     * @param folder for the nodes' logs
     * @param basePort of the first node's clients; its controller listens a hundred above
     */
    public record Setup(
            Path scripts, Path folder, int nodes, int basePort, Ground ground, Equipment with) {}

    /** What nodes have besides the network. */
    public record Equipment(Volumes volumes, Clocks clocks, List<String> settings) {}

    private Cluster(Setup setup) {
        this.setup = setup;
    }

    /** Starts all nodes on empty disks, and waits until they serve. */
    public static Cluster start(Setup setup) throws IOException, InterruptedException {
        var cluster = new Cluster(setup);
        for (int id = 1; id <= setup.nodes(); id++) {
            cluster.nodes.add(
                    new Node(
                            cluster.command(id),
                            setup.with().clocks().environment(id),
                            setup.folder().resolve("node-" + id + ".log")));
        }
        try {
            for (Node node : cluster.nodes) {
                node.launch();
            }
            for (Node node : cluster.nodes) {
                node.awaitReady();
            }
            return cluster;
        } catch (IOException | InterruptedException e) {
            cluster.close();
            throw e;
        }
    }

    private List<String> command(int id) {
        var command = new ArrayList<>(setup.ground().before(id));
        command.add(setup.scripts().resolve("millrace").toString());
        command.add("start");
        var settings = new ArrayList<String>();
        settings.add("log.dirs=" + setup.with().volumes().data(id));
        settings.add("node.id=" + id);
        settings.add("millrace.cluster.id=torture");
        settings.add("process.roles=broker,controller");
        settings.add("controller.listener.names=CONTROLLER");
        settings.add(
                "controller.quorum.voters="
                        + ids().mapToObj(one -> one + "@" + address(one, CONTROLLERS_ABOVE))
                                .collect(Collectors.joining(",")));
        settings.add(
                "listeners=PLAINTEXT://%s,CONTROLLER://%s"
                        .formatted(address(id, 0), address(id, CONTROLLERS_ABOVE)));
        settings.add("millrace.disk.reserve.bytes=" + Volumes.RESERVE_BYTES);
        settings.addAll(setup.with().settings());
        for (String setting : settings) {
            command.add("-c");
            command.add(setting);
        }
        return command;
    }

    private String address(int id, int above) {
        return setup.ground().host(id) + ":" + (setup.basePort() + id - 1 + above);
    }

    private IntStream ids() {
        return IntStream.rangeClosed(1, setup.nodes());
    }

    /** Where clients begin. */
    public String bootstrap() {
        return ids().mapToObj(id -> address(id, 0)).collect(Collectors.joining(","));
    }

    public int size() {
        return nodes.size();
    }

    public Ground ground() {
        return setup.ground();
    }

    public Volumes volumes() {
        return setup.with().volumes();
    }

    public Clocks clocks() {
        return setup.with().clocks();
    }

    private Node node(int id) {
        return nodes.get(id - 1);
    }

    /** Kills a node. */
    public void kill(int id) {
        node(id).kill();
    }

    /** Whether a node stopped cleanly when asked to; if not in time, it is killed. */
    public boolean stop(int id) throws InterruptedException {
        node(id).askToStop();
        return node(id).awaitStopped();
    }

    /** Starts a node that does not run, and waits until it serves. */
    public void launch(int id) throws IOException, InterruptedException {
        node(id).launch();
        node(id).awaitReady();
    }

    /** Stops a node in the middle of whatever it does, until {@link #thaw}. */
    public void freeze(int id) throws IOException {
        node(id).signal("STOP");
    }

    /** Lets a node go on. */
    public void thaw(int id) throws IOException {
        node(id).signal("CONT");
    }

    /** Starts whoever has ended though nobody asked for it; says who that was and how it ended. */
    public List<String> revive() throws IOException, InterruptedException {
        var ended = new ArrayList<String>();
        for (int id = 1; id <= nodes.size(); id++) {
            Integer status = node(id).endedWith();
            if (status != null) {
                ended.add("node %d ended by itself with %d".formatted(id, status));
                launch(id);
            }
        }
        return ended;
    }

    /** Asks all nodes at once to stop, and waits; says who did not. */
    public List<String> stopAll() throws InterruptedException {
        nodes.forEach(Node::askToStop);
        var late = new ArrayList<String>();
        for (int id = 1; id <= nodes.size(); id++) {
            if (!node(id).awaitStopped()) {
                late.add(String.format(Locale.ROOT, "node %d did not stop when asked to", id));
            }
        }
        return late;
    }

    /** What a node has said so far. */
    public List<String> said(int id) throws IOException {
        Path log = node(id).log();
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    /** Waits for so long. */
    public static void pause(long forMs) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(forMs);
    }

    @Override
    public void close() {
        for (Node node : nodes) {
            node.kill();
        }
    }
}
