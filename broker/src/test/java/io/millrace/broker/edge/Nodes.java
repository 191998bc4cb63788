package io.millrace.broker.edge;

import io.millrace.broker.Millrace;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.RealDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A cluster in this process: node N is in rack {@code rack-N}, and a controller. */
final class Nodes implements AutoCloseable {
    /** A setting of these nodes: the port that one of them serves, before its id. */
    static final String PORT_OF = "port.of.";

    private final Path folder;
    private final String voters;
    private final Map<String, String> settings;
    private final Map<Integer, Millrace> running = new TreeMap<>();

    /** Starts nodes 1 to {@code count} on disks of the caller's. */
    Nodes(Path folder, int count, Map<String, String> settings, IntFunction<Disk> disks)
            throws IOException {
        this.folder = folder;
        this.settings = settings;
        voters = voters(count);
        var starting = new HashMap<Integer, CompletableFuture<Millrace>>();
        for (int id = 1; id <= count; id++) {
            int node = id;
            var started = new CompletableFuture<Millrace>();
            starting.put(node, started);
            Thread.ofPlatform()
                    .start(() ->
                            started.completeAsync(
                                    () -> launch(node, disks.apply(node)), Runnable::run));
        }
        starting.forEach((id, started) -> running.put(id, started.join()));
    }

    Nodes(Path folder, int count, Map<String, String> settings) throws IOException {
        this(folder, count, settings, _ -> new RealDisk());
    }

    private static String voters(int count) throws IOException {
        List<Integer> free = freePorts(count);
        return IntStream.range(0, count)
                .mapToObj(i -> "%d@127.0.0.1:%d".formatted(i + 1, free.get(i)))
                .collect(Collectors.joining(","));
    }

    /** Ports that nobody listens on now. */
    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> free = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            free.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        List<Integer> ports = free.stream().map(ServerSocket::getLocalPort).toList();
        for (ServerSocket each : free) {
            each.close();
        }
        return ports;
    }

    private Millrace launch(int id, Disk disk) {
        var values = new HashMap<>(settings);
        Path own = folder.resolve("node-" + id);
        try {
            Files.createDirectories(own);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        values.put(BrokerKeys.DATA_DIR, own.toString());
        String port = settings.getOrDefault(PORT_OF + id, "0");
        values.keySet().removeIf(key -> key.startsWith(PORT_OF));
        values.put(BrokerKeys.PORT, port);
        values.put(BrokerKeys.NODE_ID, Integer.toString(id));
        values.put("millrace.cluster.id", "of-a-test");
        values.put("process.roles", "broker,controller");
        values.put("controller.quorum.voters", voters);
        values.put("broker.rack", "rack-" + id);
        return Millrace.start(BrokerConfig.of(values), disk);
    }

    Millrace node(int id) {
        Millrace node = running.get(id);
        if (node == null) {
            throw new IllegalStateException("node " + id + " does not run");
        }
        return node;
    }

    /** Stops a node. */
    void stop(int id) {
        node(id).close();
        running.remove(id);
    }

    /** Starts a node again. */
    void start(int id, Disk disk) {
        running.put(id, launch(id, disk));
    }

    /** The controllers of all nodes that it began with. */
    String bootstrapControllers() {
        return voters.replaceAll("\\d+@", "");
    }

    String bootstrapServers() {
        return running.values().stream()
                .map(Millrace::bootstrapServers)
                .collect(Collectors.joining(","));
    }

    @Override
    public void close() {
        running.values().stream()
                .map(node -> CompletableFuture.runAsync(node::close))
                .toList()
                .forEach(CompletableFuture::join);
    }
}
