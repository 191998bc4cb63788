package io.millrace.broker.net;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts open connections and closes what comes past {@code max.connections}. Thread-safe. */
@Sharable
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);

    private final int maxConnections;
    private final AtomicInteger open = new AtomicInteger();
    private final RareLine line = new RareLine(System::nanoTime);

    ConnectionLimit(int maxConnections) {
        this.maxConnections = maxConnections;
    }

    int openConnections() {
        return open.get();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (open.incrementAndGet() > maxConnections) {
            tell(context);
            var _ = context.close();
            return;
        }
        context.fireChannelActive();
    }

    private void tell(ChannelHandlerContext context) {
        long closed = line.note();
        if (closed > 0) {
            LOG.warn(
                    "Closed {} new connections, the last from {}: {} are open (max.connections, and"
                            + " what the system's limit of open files leaves)",
                    closed,
                    context.channel().remoteAddress(),
                    maxConnections);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        open.decrementAndGet();
        context.fireChannelInactive();
    }
}
