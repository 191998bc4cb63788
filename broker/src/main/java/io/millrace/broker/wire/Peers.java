package io.millrace.broker.wire;

import io.millrace.broker.net.Transport;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Sends Kafka requests to other brokers: one connection an address and API, opened when it is first
 * needed and again after it broke. What is asked over one is answered in order, so that a slow
 * answer, such as to a produce request that waits for replicas, holds up others of its kind alone.
 * Thread-safe; never blocks.
 */
public final class Peers implements AutoCloseable {
    private final EventLoopGroup loops;
    private final Transport transport;
    private final PeerSettings settings;
    private final Map<Lane, PeerConnection> connections = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    private record Lane(PeerAddress to, ApiKeys api) {}

    /**
     * How to talk to other brokers.
     *
     * @param clientId what they log
     * @param requestTimeoutMs how long a request may take; longer, and its connection is closed
     * @param largestAnswerBytes a connection that announces more is closed
     */
    public record PeerSettings(String clientId, int requestTimeoutMs, int largestAnswerBytes) {}

    /**
     * @param loops event loops that own the connections
     */
    public Peers(EventLoopGroup loops, Transport transport, PeerSettings settings) {
        this.loops = loops;
        this.transport = transport;
        this.settings = settings;
    }

    /**
     * Sends a request. The answer comes on an event loop, its records in memory of their own; fails
     * with an {@link IOException} if the broker cannot be reached, breaks off or takes too long:
     * then it is not known whether it has done what was asked.
     *
     * @param version of the request and its answer
     */
    public CompletableFuture<ApiMessage> send(
            PeerAddress to, ApiKeys api, short version, ApiMessage request) {
        return send(to, api, version, request, AnswerMemory.once());
    }

    /**
     * Sends a request, whose answer has its records in memory that the asker has, and that it must
     * be done with before it asks again.
     *
     * @param memory is used by no other request that is under way
     */
    public CompletableFuture<ApiMessage> send(
            PeerAddress to, ApiKeys api, short version, ApiMessage request, AnswerMemory memory) {
        if (closed.get()) {
            return CompletableFuture.failedFuture(new IOException("this broker is stopping"));
        }
        return connections
                .computeIfAbsent(
                        new Lane(to, api),
                        lane ->
                                new PeerConnection(
                                        to, loops.next(), transport.clientChannel(), settings))
                .send(api, version, request, memory);
    }

    /** Closes every connection; what is under way fails. Does not wait. */
    @Override
    public void close() {
        closed.set(true);
        connections.values().forEach(PeerConnection::close);
    }
}
