package io.millrace.bench.lab.fault;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What lies between the clients and a broker: a proxy that knows where Kafka's frames begin, cuts
 * connections and repeats requests. A virtual thread accepts, two serve each connection.
 */
public final class FaultyNetwork implements AutoCloseable {
    private final ServerSocket server;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile int brokerPort;
    private volatile Mode mode = Mode.WHOLE;

    /** How the network is just now. */
    public enum Mode {
        WHOLE,
        /** A connection breaks when an answer to a produce comes along it. */
        LOSES_ANSWERS,
        /** Nothing gets through. */
        CUT,
        /** Produce requests are delivered twice. */
        REPEATS
    }

    private FaultyNetwork(ServerSocket server) {
        this.server = server;
    }

    public static FaultyNetwork open() throws IOException {
        var network = new FaultyNetwork(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().name("network").start(network::accept);
        return network;
    }

    /** The port that clients are told. */
    public int port() {
        return server.getLocalPort();
    }

    /** Where the broker is. */
    public void leadTo(int port) {
        brokerPort = port;
    }

    public Mode mode() {
        return mode;
    }

    private void become(Mode changed) {
        mode = changed;
        if (changed == Mode.CUT) {
            links.forEach(Link::close);
        }
    }

    /** Breaks connections on their next answer, then all of them, and lets none be made. Blocks. */
    public void disconnect(long forMs) throws InterruptedException {
        become(Mode.LOSES_ANSWERS);
        TimeUnit.MILLISECONDS.sleep(forMs / 4);
        become(Mode.CUT);
        TimeUnit.MILLISECONDS.sleep(forMs - forMs / 4);
        become(Mode.WHOLE);
    }

    /** Delivers produce requests twice. Blocks. */
    public void repeat(long forMs) throws InterruptedException {
        become(Mode.REPEATS);
        TimeUnit.MILLISECONDS.sleep(forMs);
        become(Mode.WHOLE);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (mode == Mode.CUT) {
                    client.close();
                } else {
                    connect(client);
                }
            } catch (IOException e) {
                // The server socket was closed: there is nothing left to accept.
                return;
            }
        }
    }

    private void connect(Socket client) throws IOException {
        var broker = new Socket();
        try {
            broker.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), brokerPort), 1_000);
        } catch (IOException e) {
            // The broker is down: so is the connection, as it would be without a proxy.
            client.close();
            broker.close();
            return;
        }
        var link = new Link(client, broker, this::mode);
        links.add(link);
        link.whenClosed(() -> links.remove(link));
        link.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        links.forEach(Link::close);
    }
}
