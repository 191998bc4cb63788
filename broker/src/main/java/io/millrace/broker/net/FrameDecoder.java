package io.millrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the stream into {@link Frame}s: four bytes of length, then as many bytes. A frame that lies
 * whole in what was read is passed on as a slice of it; any other is gathered in a buffer that
 * grows with the bytes that have come, never by what the length promises. One per connection, on
 * its event loop.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final int LENGTH_BYTES = 4;
    private static final int API_BYTES = 2;
    static final long STALLED_AFTER_MS = 10_000;
    private static final int FIRST_BUFFER_BYTES = 16 * 1024;

    private final MemoryBudget budget;
    private final FrameLimits limits;
    private int lengthBytesSeen;
    private int frameBytes;
    private short api;
    private @Nullable ByteBuf gathered;
    private int chargedBytes;
    private long framesPassed;
    private boolean watching;

    FrameDecoder(MemoryBudget budget, FrameLimits limits) {
        this.budget = budget;
        this.limits = limits;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable()) {
                step(context, in);
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (gathered == null && budget.isExhausted()) {
            budget.pause(context.channel());
        }
        context.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        budget.forget(context.channel());
        dropGathered();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        dropGathered();
    }

    private void step(ChannelHandlerContext context, ByteBuf in) {
        if (lengthBytesSeen < LENGTH_BYTES) {
            readLength(in);
        } else if (gathered == null && in.readableBytes() >= frameBytes) {
            charge(frameBytes);
            checkSize(in, in.readerIndex());
            pass(context, in.readRetainedSlice(frameBytes));
        } else {
            gather(context, in);
        }
    }

    private void readLength(ByteBuf in) {
        while (lengthBytesSeen < LENGTH_BYTES && in.isReadable()) {
            frameBytes = frameBytes << 8 | in.readUnsignedByte();
            lengthBytesSeen++;
        }
        if (lengthBytesSeen == LENGTH_BYTES
                && (frameBytes <= 0 || frameBytes > limits.largestBytes())) {
            throw new FrameException(
                    "a frame of %d bytes, allowed are 1 to %d (socket.request.max.bytes)"
                            .formatted(frameBytes, limits.largestBytes()));
        }
    }

    private void gather(ChannelHandlerContext context, ByteBuf in) {
        ByteBuf buffer = gathered;
        if (buffer == null) {
            buffer = context.alloc().ioBuffer(firstCapacity(in.readableBytes()), frameBytes);
            gathered = buffer;
            watch(context);
            charge(buffer.capacity());
        }
        int wanted = Math.min(in.readableBytes(), frameBytes - buffer.readableBytes());
        growFor(buffer, wanted);
        boolean unknown = buffer.readableBytes() < API_BYTES;
        buffer.writeBytes(in, wanted);
        if (unknown && buffer.readableBytes() >= API_BYTES) {
            checkSize(buffer, 0);
        }
        if (buffer.readableBytes() == frameBytes) {
            gathered = null;
            pass(context, buffer);
        }
    }

    /** Has a look later whether this frame is still in the making. */
    private void watch(ChannelHandlerContext context) {
        if (!watching) {
            watching = true;
            long begun = framesPassed;
            var _ =
                    context.executor()
                            .schedule(
                                    () -> checkProgress(context, begun),
                                    STALLED_AFTER_MS,
                                    TimeUnit.MILLISECONDS);
        }
    }

    /** A frame that does not end may not keep memory that others wait for. */
    private void checkProgress(ChannelHandlerContext context, long begun) {
        watching = false;
        if (gathered == null) {
            return;
        }
        if (framesPassed == begun && budget.isExhausted()) {
            dropGathered();
            context.fireExceptionCaught(
                    new FrameException(
                            "a frame of %d bytes did not come whole in %d ms, and memory is short"
                                    .formatted(frameBytes, STALLED_AFTER_MS)));
        } else {
            watch(context);
        }
    }

    private int firstCapacity(int available) {
        return Math.min(frameBytes, Math.max(FIRST_BUFFER_BYTES, available));
    }

    private void growFor(ByteBuf buffer, int wanted) {
        int needed = buffer.readableBytes() + wanted;
        if (needed > buffer.capacity()) {
            int larger = (int) Math.min(frameBytes, Math.max(needed, 2L * buffer.capacity()));
            charge(larger - buffer.capacity());
            buffer.capacity(larger);
        }
    }

    /** Checks the size against what its API may have: that is known now. */
    private void checkSize(ByteBuf bytes, int start) {
        api = frameBytes < API_BYTES ? 0 : bytes.getShort(start);
        int largest = limits.largest(api);
        if (frameBytes > largest) {
            throw new FrameException(
                    "a request of %d bytes to API %d, allowed are %d (millrace.control.request.max.bytes)"
                            .formatted(frameBytes, api, largest));
        }
    }

    private void charge(int bytes) {
        if (!budget.tryCharge(bytes)) {
            throw new FrameException(
                    "the memory for requests is used up (%d bytes, queued.max.request.bytes)"
                            .formatted(budget.usedBytes()));
        }
        chargedBytes += bytes;
    }

    private void pass(ChannelHandlerContext context, ByteBuf bytes) {
        framesPassed++;
        int extra = limits.weight(api, frameBytes) - frameBytes;
        budget.charge(extra);
        chargedBytes += extra;
        Frame frame = new Frame(bytes, budget, chargedBytes);
        chargedBytes = 0;
        lengthBytesSeen = 0;
        frameBytes = 0;
        context.fireChannelRead(frame);
    }

    private void dropGathered() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            buffer.release();
        }
        if (chargedBytes > 0) {
            budget.release(chargedBytes);
            chargedBytes = 0;
        }
    }
}
