package io.millrace.broker.wire;

import io.millrace.broker.net.Frame;
import io.millrace.broker.net.FrameException;
import io.millrace.broker.net.MemoryBudget.Signal;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.ApiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: decodes its frames, dispatches the requests and writes the answers in
 * their order. At most {@link #MAX_IN_FLIGHT} requests are under way at once, and none is begun
 * while the client does not read its answers; further frames wait, and then the socket is not read.
 * Lives on its event loop.
 */
public final class Connection extends ChannelInboundHandlerAdapter {
    static final int MAX_IN_FLIGHT = 64;
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private final Dispatcher dispatcher;
    private final LongSupplier clockMs;
    private final Deque<Frame> waiting = new ArrayDeque<>();
    private final Deque<Request> unanswered = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private Client client = new Client("", "", 0);
    private int unwritten;
    private boolean memoryShort;
    private boolean closed;

    /**
     * @param clockMs milliseconds since the epoch
     */
    public Connection(Dispatcher dispatcher, LongSupplier clockMs) {
        this.dispatcher = dispatcher;
        this.clockMs = clockMs;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        client = Client.at(added.channel().remoteAddress());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Frame frame = (Frame) message;
        if (closed) {
            frame.release();
            return;
        }
        waiting.add(frame);
        proceed(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        proceed(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            var _ = ctx.close();
        } else if (event == Signal.PAUSED) {
            memoryShort = true;
        } else if (event == Signal.FREED) {
            memoryShort = false;
            proceed(ctx);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        shut();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("The connection of {} broke: {}", client.name(), cause.getMessage());
            closeOn(ctx);
        } else if (cause instanceof FrameException || cause instanceof ApiException) {
            reject(ctx, String.valueOf(cause.getMessage()));
        } else {
            LOG.error("Closed the connection of {} after a failure here", client.name(), cause);
            closeOn(ctx);
        }
    }

    private void proceed(ChannelHandlerContext ctx) {
        while (!closed && mayBegin(ctx) && !waiting.isEmpty()) {
            begin(ctx, waiting.remove());
        }
        if (!closed) {
            ctx.channel().config().setAutoRead(!memoryShort && waiting.isEmpty() && mayBegin(ctx));
        }
    }

    private boolean mayBegin(ChannelHandlerContext ctx) {
        return unwritten < MAX_IN_FLIGHT && ctx.channel().isWritable();
    }

    private void begin(ChannelHandlerContext ctx, Frame frame) {
        RequestDecoder.Decoded decoded;
        try {
            decoded = RequestDecoder.decode(frame, dispatcher);
        } catch (RuntimeException e) {
            frame.release();
            reject(ctx, String.valueOf(e.getMessage()));
            return;
        } catch (Error e) {
            frame.release();
            closeOn(ctx);
            throw e;
        }
        var request =
                new Request(
                        decoded.header(),
                        decoded.body(),
                        client,
                        this::answered,
                        clockMs.getAsLong(),
                        frame);
        unanswered.add(request);
        unwritten++;
        try {
            dispatcher.dispatch(request);
        } catch (Error e) {
            request.closeConnection("this broker failed on its " + request.header().apiKey());
            throw e;
        }
    }

    private void answered(Request request) {
        var ctx = context;
        if (ctx == null) {
            return;
        }
        if (ctx.executor().inEventLoop()) {
            writeAnswered(ctx);
        } else {
            ctx.executor().execute(() -> writeAnswered(ctx));
        }
    }

    private void writeAnswered(ChannelHandlerContext ctx) {
        boolean wrote = false;
        for (Request head = unanswered.peek();
                head != null && head.isAnswered();
                head = unanswered.peek()) {
            unanswered.remove();
            wrote |= write(ctx, head);
        }
        if (wrote) {
            ctx.flush();
        }
        // Requests that get no answer free their place without a write that would tell of it.
        if (!waiting.isEmpty() || !ctx.channel().config().isAutoRead()) {
            proceed(ctx);
        }
    }

    private boolean write(ChannelHandlerContext ctx, Request request) {
        var response = request.response();
        String closeReason = request.closeReason();
        if (closeReason != null) {
            reject(ctx, closeReason);
        }
        if (response == null) {
            unwritten--;
            return false;
        }
        if (closed) {
            ResponseEncoder.discard(response);
            return false;
        }
        try {
            ResponseEncoder.write(ctx, request.header(), response)
                    .addListener(done -> {
                        unwritten--;
                        if (done.isSuccess()) {
                            proceed(ctx);
                        }
                    });
            return true;
        } catch (RuntimeException | OutOfMemoryError e) {
            // An answer that its version cannot carry, or Netty's memory is used up by clients that
            // do not read: this client waits for it, and what the answer holds is to be freed.
            LOG.error("An answer could not be encoded: please report it", e);
            ResponseEncoder.discard(response);
            reject(ctx, "no answer to its " + request.header().apiKey());
            return false;
        }
    }

    private void reject(ChannelHandlerContext ctx, String why) {
        if (!closed) {
            LOG.warn("Closed the connection of {}: {}", client.name(), why);
        }
        closeOn(ctx);
    }

    private void closeOn(ChannelHandlerContext ctx) {
        shut();
        var _ = ctx.close();
    }

    private void shut() {
        closed = true;
        waiting.forEach(Frame::release);
        waiting.clear();
        List.copyOf(unanswered).forEach(Request::abandon);
        client.endings().run();
    }
}
