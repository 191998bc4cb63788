package io.millrace.broker.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what a listener's accepts fail with, mostly too many open files: Netty stops accepting for
 * a second then, and the connections wait meanwhile. One per listener, last in its pipeline.
 */
final class AcceptFailures extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(AcceptFailures.class);

    private final RareLine line = new RareLine(System::nanoTime);

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        long failures = line.note();
        if (failures > 0) {
            LOG.warn(
                    "Connections to {} wait, and are accepted again from second to second: {} ({}"
                            + " times since it was last told). If files are short, raise the system's"
                            + " limit (ulimit -n, LimitNOFILE), or lower max.connections",
                    context.channel().localAddress(),
                    cause.getMessage(),
                    failures);
        }
    }
}
