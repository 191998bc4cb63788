package io.millrace.broker.wire;

import io.millrace.broker.net.AnswerBudget;
import io.millrace.broker.net.Frame;
import io.millrace.broker.net.FrameException;
import io.millrace.broker.net.MemoryBudget.Signal;
import io.millrace.broker.wire.ResponseEncoder.EncodedAnswer;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: decodes its frames, dispatches the requests and writes the answers in
 * their order. At most {@link #MAX_IN_FLIGHT} requests are under way at once, and none is begun
 * while the client does not read its answers, or {@link #MOST_HELD_BYTES} of them wait for one
 * before them; further frames wait, and then the socket is not read. Lives on its event loop.
 */
public final class Connection extends ChannelInboundHandlerAdapter {
    static final int MAX_IN_FLIGHT = 64;

    /** Answers that are there before the one that is to leave first. */
    static final int MOST_HELD_BYTES = 1 << 20;

    /** Changes of what waits to be read that the account need not know of. */
    private static final int ACCOUNT_STEP_BYTES = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private final Dispatcher dispatcher;
    private final LongSupplier clockMs;
    private final AnswerBudget.Account account;
    private final Deque<Frame> waiting = new ArrayDeque<>();
    private final Deque<Request> unanswered = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private Client client = new Client("", "", 0);
    private int unwritten;
    private long heldBytes;
    private boolean memoryShort;
    private boolean closed;

    /**
     * @param answers what is written and not read by clients is charged to it
     * @param clockMs milliseconds since the epoch
     */
    public Connection(Dispatcher dispatcher, AnswerBudget answers, LongSupplier clockMs) {
        this.dispatcher = dispatcher;
        this.account = answers.open(this::closeFor);
        this.clockMs = clockMs;
    }

    /** From any thread. */
    private void closeFor(String why) {
        var ctx = context;
        if (ctx != null) {
            ctx.executor().execute(() -> reject(ctx, why));
        }
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
        settle(ctx);
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
        return unwritten < MAX_IN_FLIGHT
                && heldBytes < MOST_HELD_BYTES
                && ctx.channel().isWritable();
    }

    /** Charges what waits to be read: nothing, mostly. */
    private void settle(ChannelHandlerContext ctx) {
        ChannelOutboundBuffer unread = closed ? null : ctx.channel().unsafe().outboundBuffer();
        long bytes = unread == null ? 0 : unread.totalPendingWriteBytes() + heldBytes;
        long known = account.bytes();
        if (Math.abs(bytes - known) >= ACCOUNT_STEP_BYTES || bytes == 0 && known > 0) {
            account.set(bytes, clockMs.getAsLong());
        }
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
            answeredHere(ctx, request);
        } else {
            ctx.executor().execute(() -> answeredHere(ctx, request));
        }
    }

    private void answeredHere(ChannelHandlerContext ctx, Request request) {
        if (request == unanswered.peek()) {
            writeAnswered(ctx);
        } else {
            hold(ctx, request);
        }
        settle(ctx);
    }

    /** Those before it may be long in coming. Nothing happens if it has left with them already. */
    private void hold(ChannelHandlerContext ctx, Request request) {
        var response = request.takeResponse();
        if (response == null) {
            return;
        }
        if (closed) {
            ResponseEncoder.discard(response);
            return;
        }
        try {
            var answer = ResponseEncoder.encode(ctx, request.header(), response);
            request.hold(answer);
            heldBytes += answer.memoryBytes();
        } catch (RuntimeException | OutOfMemoryError e) {
            cannotEncode(ctx, request, response, e);
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
        EncodedAnswer held = request.takeHeld();
        if (held != null) {
            heldBytes -= held.memoryBytes();
            whenWritten(ctx, held.write(ctx));
            return true;
        }
        var response = request.takeResponse();
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
            whenWritten(ctx, ResponseEncoder.write(ctx, request.header(), response));
            return true;
        } catch (RuntimeException | OutOfMemoryError e) {
            cannotEncode(ctx, request, response, e);
            return false;
        }
    }

    private void whenWritten(ChannelHandlerContext ctx, ChannelFuture written) {
        written.addListener(done -> {
            unwritten--;
            settle(ctx);
            if (done.isSuccess()) {
                proceed(ctx);
            }
        });
    }

    /**
     * An answer that its version cannot carry, or Netty's memory is used up by clients that do not
     * read: this client waits for it, and what the answer holds is to be freed.
     */
    private void cannotEncode(
            ChannelHandlerContext ctx,
            Request request,
            AbstractResponse response,
            Throwable cause) {
        LOG.error("An answer could not be encoded: please report it", cause);
        ResponseEncoder.discard(response);
        reject(ctx, "no answer to its " + request.header().apiKey());
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
        for (Request request : List.copyOf(unanswered)) {
            request.abandon();
            EncodedAnswer held = request.takeHeld();
            if (held != null) {
                held.discard();
            }
        }
        heldBytes = 0;
        account.set(0, clockMs.getAsLong());
        client.endings().run();
    }
}
