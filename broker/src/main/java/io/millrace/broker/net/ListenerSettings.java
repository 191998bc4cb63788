package io.millrace.broker.net;

/**
 * What a listener enforces on its connections.
 *
 * @param host address to bind
 * @param port port to bind; 0 takes a free one
 * @param frames how large requests may be
 * @param maxConnections open connections allowed ({@code max.connections})
 * @param idleTimeoutMs a connection silent for so long is closed ({@code connections.max.idle.ms})
 * @param sockets what the system is asked for
 */
public record ListenerSettings(
        String host,
        int port,
        FrameLimits frames,
        int maxConnections,
        long idleTimeoutMs,
        SocketOptions sockets) {
    /**
     * What the system is asked for.
     *
     * @param backlog connections that wait for accept ({@code socket.listen.backlog.size})
     * @param sendBufferBytes of each connection ({@code socket.send.buffer.bytes}); -1 leaves it to
     *     the system
     */
    public record SocketOptions(int backlog, int sendBufferBytes) {}
}
