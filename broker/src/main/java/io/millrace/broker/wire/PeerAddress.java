package io.millrace.broker.wire;

/** Where another broker listens. */
public record PeerAddress(String host, int port) {
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
