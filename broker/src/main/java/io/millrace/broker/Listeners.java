package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.config.Endpoint;
import io.millrace.broker.handler.HandlerTable;
import io.millrace.broker.loop.BrokerClock;
import io.millrace.broker.net.AnswerBudget;
import io.millrace.broker.net.FrameLimits;
import io.millrace.broker.net.Listener;
import io.millrace.broker.net.ListenerSettings;
import io.millrace.broker.net.MemoryBudget;
import io.millrace.broker.net.Transport;
import io.millrace.broker.wire.Connection;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Binds a broker's listeners, and shares out among them what files the system allows. For the
 * thread that starts the broker.
 *
 * @param files what the system allows
 */
record Listeners(BrokerConfig config, Transport transport, EventLoopGroup loops, FileLimit files) {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    /** Below that a system's limit is told, though nobody asked for more connections. */
    private static final int FEW = 1000;

    /**
     * Clients must not keep controllers out: these have a part of the connections for themselves.
     */
    private static final int CONTROLLER_SHARE = 8;

    /** For clients and other brokers. */
    Listener clients(Endpoint endpoint, HandlerTable table, AnswerBudget answers, boolean alone)
            throws IOException {
        int configured = config.integer("max.connections");
        int most = files.connections() - (alone ? 0 : controllers());
        if (configured > most) {
            tell(configured, most);
        }
        return bind(endpoint, table, answers, Math.min(configured, most));
    }

    /** For controllers and the brokers that ask them. */
    Listener controllers(Endpoint endpoint, HandlerTable table, AnswerBudget answers)
            throws IOException {
        int configured = config.integer("max.connections");
        return bind(endpoint, table, answers, Math.min(configured, controllers()));
    }

    private int controllers() {
        return files.connections() / CONTROLLER_SHARE;
    }

    private void tell(int configured, int most) {
        if (configured < Integer.MAX_VALUE || most < FEW) {
            LOG.warn(
                    "At most {} connections: this process may have {} files open, and {} are for"
                            + " segments (millrace.open.segment.files). Raise the system's limit for"
                            + " more (ulimit -n, LimitNOFILE)",
                    most,
                    files.allowed(),
                    files.segmentFiles());
        }
    }

    private Listener bind(
            Endpoint endpoint, HandlerTable table, AnswerBudget answers, int connections)
            throws IOException {
        int largestFrame = config.integer("socket.request.max.bytes");
        var settings =
                new ListenerSettings(
                        endpoint.host(),
                        endpoint.port(),
                        new FrameLimits(
                                largestFrame, config.integer(BrokerKeys.CONTROL_REQUEST_BYTES)),
                        connections,
                        config.number("connections.max.idle.ms"),
                        new ListenerSettings.SocketOptions(
                                config.integer("socket.listen.backlog.size"),
                                config.integer("socket.send.buffer.bytes")));
        return Listener.bind(
                settings,
                transport,
                loops,
                new MemoryBudget(config.number(BrokerKeys.REQUEST_MEMORY), largestFrame),
                () -> new Connection(table, answers, BrokerClock.SYSTEM::nowMs));
    }

    /** Says that an address cannot be listened on, and what to do. */
    static StartException failure(IOException cause) {
        return new StartException(
                "%s; free that address, or set another with --host, --port or listeners"
                        .formatted(cause.getMessage()),
                cause);
    }
}
