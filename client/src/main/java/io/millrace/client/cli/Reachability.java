package io.millrace.client.cli;

import io.millrace.client.cli.text.CliException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;

/**
 * Whether anything listens where a command would connect to. Kafka's clients try again and again
 * for as long as they may, and then name neither the address nor the reason.
 */
final class Reachability {
    private static final int CONNECT_MS = 2500;
    private static final int LARGEST_PORT = 0xFFFF;

    private Reachability() {}

    /**
     * Returns if one of the servers takes a connection; blocks for at most 2.5 s each.
     *
     * @param servers HOST:PORT, split by commas; what cannot be read is left to the client
     */
    static void require(String servers) {
        var failures = new ArrayList<String>();
        for (String server : servers.split(",", -1)) {
            String failure = failure(server.strip());
            if (failure == null) {
                return;
            }
            failures.add(failure);
        }
        throw new CliException(
                "no broker to be reached: "
                        + String.join("; ", failures)
                        + ". Start one with 'millrace start', or name another with --bootstrap-server HOST:PORT.");
    }

    private static @org.jspecify.annotations.Nullable String failure(String server) {
        int colon = server.lastIndexOf(':');
        if (colon < 1 || !server.substring(colon + 1).matches("\\d{1,5}")) {
            return null;
        }
        String host = server.substring(0, colon).replaceAll("[\\[\\]]", "");
        int port = Integer.parseInt(server.substring(colon + 1));
        if (port > LARGEST_PORT) {
            return null;
        }
        var address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            return server + " has no address";
        }
        try (var socket = new Socket()) {
            socket.connect(address, CONNECT_MS);
            return null;
        } catch (SocketTimeoutException e) {
            return server + " does not answer";
        } catch (IOException e) {
            return server + " says " + e.getMessage();
        }
    }
}
