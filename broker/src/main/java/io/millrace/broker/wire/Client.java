package io.millrace.broker.wire;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The peer of a connection.
 *
 * @param host its address as Kafka's group descriptions show it, such as {@code /127.0.0.1}
 * @param name address and port, for log lines
 * @param number of its connection: a later connection has a larger one; from 1
 * @param endings what is done when it ends
 */
public record Client(String host, String name, long number, Endings endings) {
    private static final AtomicLong NUMBERS = new AtomicLong();

    public Client(String host, String name, long number) {
        this(host, name, number, new Endings());
    }

    static Client at(SocketAddress address) {
        long number = NUMBERS.incrementAndGet();
        return address instanceof InetSocketAddress inet
                ? new Client("/" + inet.getAddress().getHostAddress(), inet.toString(), number)
                : new Client(address.toString(), address.toString(), number);
    }
}
