package io.millrace.broker.wire;

import io.millrace.broker.wire.Peers.PeerSettings;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.jspecify.annotations.Nullable;

/**
 * The connection to one other broker, while there is one. Everything but {@link #send} and {@link
 * #close} happens on its event loop. What is asked while it opens waits for that.
 */
final class PeerConnection {
    private static final int LENGTH_BYTES = 4;

    private final PeerAddress to;
    private final EventLoop loop;
    private final PeerSettings settings;
    private final Bootstrap bootstrap;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final List<ByteBuf> unsent = new ArrayList<>();
    private @Nullable Channel channel;
    private boolean closed;
    private int nextCorrelationId;

    private record Pending(
            ApiKeys api,
            short version,
            int correlationId,
            AnswerMemory memory,
            CompletableFuture<ApiMessage> answer) {
        void fail(IOException cause) {
            answer.completeExceptionally(cause);
        }
    }

    PeerConnection(
            PeerAddress to,
            EventLoop loop,
            Class<? extends Channel> channelType,
            PeerSettings settings) {
        this.to = to;
        this.loop = loop;
        this.settings = settings;
        bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(channelType)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, settings.requestTimeoutMs())
                        .handler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel opened) {
                                        opened.pipeline().addLast(new Answers());
                                    }
                                });
    }

    /**
     * Sends a request.
     *
     * @param memory where the answer is to be
     */
    CompletableFuture<ApiMessage> send(
            ApiKeys api, short version, ApiMessage request, AnswerMemory memory) {
        var answer = new CompletableFuture<ApiMessage>();
        if (loop.inEventLoop()) {
            send(new Pending(api, version, nextCorrelationId++, memory, answer), request);
        } else {
            loop.execute(() ->
                    send(new Pending(api, version, nextCorrelationId++, memory, answer), request));
        }
        return answer;
    }

    private void send(Pending asked, ApiMessage request) {
        if (closed) {
            asked.fail(new IOException("this broker is stopping"));
            return;
        }
        ByteBuf frame = encode(asked, request);
        pending.add(asked);
        limit(asked);
        Channel open = channel;
        if (open != null && open.isActive()) {
            var _ = open.writeAndFlush(frame);
            return;
        }
        unsent.add(frame);
        if (open == null) {
            connect();
        }
    }

    private void limit(Pending asked) {
        Future<?> timeout =
                loop.schedule(
                        () -> {
                            var late =
                                    new IOException(
                                            "%s did not answer %s within %d ms"
                                                    .formatted(
                                                            to,
                                                            asked.api().name,
                                                            settings.requestTimeoutMs()));
                            asked.fail(late);
                            breakOff(late);
                        },
                        settings.requestTimeoutMs(),
                        TimeUnit.MILLISECONDS);
        var _ = asked.answer().whenComplete((answer, failure) -> timeout.cancel(false));
    }

    private ByteBuf encode(Pending asked, ApiMessage request) {
        short version = asked.version();
        short headerVersion = asked.api().requestHeaderVersion(version);
        var header =
                new RequestHeaderData()
                        .setRequestApiKey(asked.api().id)
                        .setRequestApiVersion(version)
                        .setCorrelationId(asked.correlationId())
                        .setClientId(settings.clientId());
        var cache = new ObjectSerializationCache();
        var size = new MessageSizeAccumulator();
        header.addSize(size, cache, headerVersion);
        request.addSize(size, cache, version);
        ByteBuf frame = ByteBufAllocator.DEFAULT.ioBuffer(LENGTH_BYTES + size.totalSize());
        var writer = new ResponseWriter(frame, 0);
        writer.writeInt(size.totalSize());
        header.write(writer, cache, headerVersion);
        request.write(writer, cache, version);
        return frame;
    }

    private void connect() {
        var opening = bootstrap.connect(to.host(), to.port());
        channel = opening.channel();
        opening.addListener(
                (ChannelFutureListener)
                        done -> {
                            Throwable failure = done.cause();
                            if (failure == null) {
                                writeWaiting(done.channel());
                            } else {
                                lost(
                                        done.channel(),
                                        new IOException(
                                                "cannot reach %s: %s"
                                                        .formatted(to, failure.getMessage()),
                                                failure));
                            }
                        });
    }

    private void writeWaiting(Channel open) {
        for (ByteBuf frame : unsent) {
            var _ = open.write(frame, open.voidPromise());
        }
        unsent.clear();
        open.flush();
    }

    /** Where the answer is to be that begins now. */
    private AnswerMemory memory() {
        Pending asked = pending.peek();
        return asked == null ? AnswerMemory.once() : asked.memory();
    }

    private void breakOff(IOException why) {
        Channel open = channel;
        if (open != null) {
            lost(open, why);
        }
    }

    /** Fails everything that waits for a channel's answers. */
    private void lost(Channel gone, IOException why) {
        if (!gone.equals(channel)) {
            return;
        }
        channel = null;
        List<Pending> waiting = new ArrayList<>(pending);
        pending.clear();
        unsent.forEach(ByteBuf::release);
        unsent.clear();
        var _ = gone.close();
        waiting.forEach(each -> each.fail(why));
    }

    void close() {
        loop.execute(() -> {
            closed = true;
            breakOff(new IOException("this broker is stopping"));
        });
    }

    private final class Answers extends AnswerDecoder {
        Answers() {
            super(settings.largestAnswerBytes(), PeerConnection.this::memory);
        }

        @Override
        void answered(ChannelHandlerContext context, ByteBuffer bytes) {
            Pending asked = pending.poll();
            try {
                if (asked == null) {
                    throw new IOException("an answer that nobody asked for");
                }
                asked.answer().complete(decode(asked, bytes));
            } catch (IOException | RuntimeException e) {
                var bad = new IOException("%s answers nonsense: %s".formatted(to, e), e);
                if (asked != null) {
                    asked.fail(bad);
                }
                lost(context.channel(), bad);
            }
        }

        private ApiMessage decode(Pending asked, ByteBuffer bytes) throws IOException {
            var readable = new ByteBufferAccessor(bytes);
            var header =
                    new ResponseHeaderData(
                            readable, asked.api().responseHeaderVersion(asked.version()));
            if (header.correlationId() != asked.correlationId()) {
                throw new IOException(
                        "expected answer %d, got %d"
                                .formatted(asked.correlationId(), header.correlationId()));
            }
            ApiMessage answer = ApiMessageType.fromApiKey(asked.api().id).newResponse();
            answer.read(readable, asked.version());
            return answer;
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            lost(context.channel(), new IOException(to + " closed the connection"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            lost(
                    context.channel(),
                    new IOException("the connection to %s broke: %s".formatted(to, cause), cause));
        }
    }
}
