package io.millrace.bench.micro;

import io.millrace.broker.net.AnswerBudget;
import io.millrace.broker.net.Frame;
import io.millrace.broker.net.MemoryBudget;
import io.millrace.broker.wire.Connection;
import io.millrace.broker.wire.Dispatcher;
import io.millrace.broker.wire.Request;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * A connection without a socket: frames go in, and what it would write is counted and dropped. Runs
 * on the calling thread.
 */
final class WireHarness implements Dispatcher {
    private final MemoryBudget budget = new MemoryBudget(1 << 30, 1 << 20);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private Consumer<Request> handler = Request::answerNothing;

    WireHarness() {
        channel.pipeline()
                .addLast(new Connection(this, AnswerBudget.unlimited(), System::currentTimeMillis));
    }

    /** Has every request given to {@code chosen}; without one nothing is answered. */
    WireHarness handledBy(Consumer<Request> chosen) {
        handler = chosen;
        return this;
    }

    EmbeddedChannel channel() {
        return channel;
    }

    /** Sends a request and returns how many pieces its answer has. */
    int send(ByteBuf request) {
        channel.writeInbound(new Frame(request.retainedDuplicate(), budget, 0));
        channel.runPendingTasks();
        int pieces = 0;
        for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            ReferenceCountUtil.release(out);
            pieces++;
        }
        return pieces;
    }

    @Override
    public boolean serves(ApiKeys api, short version) {
        return true;
    }

    @Override
    public void dispatch(Request request) {
        handler.accept(request);
    }

    void close() {
        channel.finishAndReleaseAll();
    }
}
