package io.millrace.broker.wire;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * The peer of a connection.
 *
 * @param host its address as Kafka's group descriptions show it, such as {@code /127.0.0.1}
 * @param name address and port, for log lines
 */
public record Client(String host, String name) {
    static Client at(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? new Client("/" + inet.getAddress().getHostAddress(), inet.toString())
                : new Client(address.toString(), address.toString());
    }
}
