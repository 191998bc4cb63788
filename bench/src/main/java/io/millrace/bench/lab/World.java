package io.millrace.bench.lab;

import io.millrace.bench.lab.client.Guarantee;
import io.millrace.bench.lab.client.Journal;
import io.millrace.bench.lab.client.Row;
import io.millrace.bench.lab.client.RowTopics;
import io.millrace.bench.lab.fault.FaultPlan.Event;
import io.millrace.bench.lab.fault.FaultyBroker;
import io.millrace.bench.lab.fault.FaultyNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A broker behind its network, and the rows that run on it. */
final class World implements AutoCloseable {
    private static final long SLOW_SYNC_MS = 150;

    private final FaultyNetwork network;
    private final FaultyBroker broker;
    private final List<Row> rows;
    private final List<Event> happened = new ArrayList<>();

    private World(FaultyNetwork network, FaultyBroker broker, List<Row> rows) {
        this.network = network;
        this.broker = broker;
        this.rows = rows;
    }

    /** Starts a broker and makes the topics of the rows. Blocks. */
    static World create(Path folder, List<Guarantee> guarantees, boolean cache)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        FaultyNetwork network = FaultyNetwork.open();
        int port = freePort();
        network.leadTo(port);
        FaultyBroker broker = FaultyBroker.start(folder, port, settings(network.port(), cache));
        String bootstrap = "127.0.0.1:" + network.port();
        List<Row> rows =
                guarantees.stream().map(one -> new Row(one, new Journal(), bootstrap)).toList();
        var world = new World(network, broker, rows);
        RowTopics.make(bootstrap, rows, new RowTopics.Wishes(1, Map.of(), Map.of()));
        return world;
    }

    private static List<String> settings(int advertisedPort, boolean cache) {
        var settings = new ArrayList<String>();
        settings.add("millrace.advertised.port=" + advertisedPort);
        settings.add("millrace.durability=" + (cache ? "os" : "fsync"));
        settings.addAll(RowTopics.brokerSettings());
        return settings;
    }

    private static int freePort() throws IOException {
        try (var probe = new java.net.ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    List<Row> rows() {
        return rows;
    }

    /** The faults that came, at their real times. */
    List<Event> happened() {
        return happened;
    }

    /** Does what a fault does, and undoes it where it passes. Blocks for its time. */
    void strike(Event event) throws IOException, InterruptedException {
        long atMs = rows.getFirst().journal().nowMs();
        switch (event.fault()) {
            case KILL -> {
                rows.forEach(Row::crashOne);
                broker.killAndRestart();
            }
            case POWER_LOSS -> broker.losePower();
            case PAUSE -> broker.pause(event.forMs());
            case DISCONNECT -> network.disconnect(event.forMs());
            case DUPLICATE -> network.repeat(event.forMs());
            case SLOW_DISK -> {
                broker.slowDisk(SLOW_SYNC_MS);
                TimeUnit.MILLISECONDS.sleep(event.forMs());
                broker.slowDisk(0);
            }
        }
        happened.add(new Event(event.fault(), atMs, rows.getFirst().journal().nowMs() - atMs));
    }

    @Override
    public void close() throws IOException {
        network.close();
        broker.close();
    }
}
