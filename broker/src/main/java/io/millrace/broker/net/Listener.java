package io.millrace.broker.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A bound server socket whose connections deliver {@link Frame}s to a handler each. Made and closed
 * by the thread that starts and stops the broker.
 */
public final class Listener implements AutoCloseable {
    private static final WriteBufferWaterMark WRITE_MARKS =
            new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

    private final Channel server;
    private final ChannelGroup connections;
    private final ConnectionLimit limit;

    private Listener(Channel server, ChannelGroup connections, ConnectionLimit limit) {
        this.server = server;
        this.connections = connections;
        this.limit = limit;
    }

    /**
     * Binds; until {@link #accept} is called who connects waits in the backlog. Blocks until bound.
     *
     * @param loops event loops that own the connections
     * @param handlers makes the handler of one connection; called on its event loop
     * @throws IOException if the address cannot be bound
     */
    public static Listener bind(
            ListenerSettings settings,
            Transport transport,
            EventLoopGroup loops,
            MemoryBudget budget,
            Supplier<ChannelHandler> handlers)
            throws IOException {
        var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        var limit = new ConnectionLimit(settings.maxConnections());
        var bootstrap =
                new ServerBootstrap()
                        .group(loops)
                        .channel(transport.serverChannel())
                        .option(ChannelOption.SO_BACKLOG, settings.sockets().backlog())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(ChannelOption.AUTO_READ, false)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_MARKS)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        connections.add(channel);
                                        channel.pipeline()
                                                .addLast(limit)
                                                .addLast(idleHandler(settings))
                                                .addLast(frames(settings, budget))
                                                .addLast(handlers.get());
                                    }
                                });
        int sendBuffer = settings.sockets().sendBufferBytes();
        if (sendBuffer > 0) {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, sendBuffer);
        }
        var address = new InetSocketAddress(settings.host(), settings.port());
        if (address.isUnresolved()) {
            throw new IOException(
                    "cannot listen on %s:%d: that host has no address"
                            .formatted(settings.host(), settings.port()));
        }
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        Throwable failure = bound.cause();
        if (failure != null) {
            throw new IOException(
                    "cannot listen on %s:%d: %s"
                            .formatted(settings.host(), settings.port(), reason(failure)),
                    failure);
        }
        bound.channel().pipeline().addLast(new AcceptFailures());
        return new Listener(bound.channel(), connections, limit);
    }

    /** Serves who has connected and who does from now on. */
    public void accept() {
        server.config().setAutoRead(true);
    }

    /** What the system says, without which of its calls says so. */
    private static String reason(Throwable failure) {
        return String.valueOf(failure.getMessage()).replaceFirst("^bind\\(.*\\): ", "");
    }

    private static ChannelHandler idleHandler(ListenerSettings settings) {
        return new IdleStateHandler(0, 0, settings.idleTimeoutMs(), TimeUnit.MILLISECONDS);
    }

    private static ChannelHandler frames(ListenerSettings settings, MemoryBudget budget) {
        return new FrameDecoder(budget, settings.frames());
    }

    /** The port that was bound. */
    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Connections open now; from any thread. */
    public int openConnections() {
        return limit.openConnections();
    }

    /** Stops accepting and closes every connection. Blocks until they are closed. */
    @Override
    public void close() {
        server.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
    }
}
